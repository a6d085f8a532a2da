/** The figures of a report counted with SQL straight from the rows: no line of the report's own code. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { ReportJson } from '@outwitness/report';

const CALLS = `kind = 'net' AND outcome IS NOT 'local' AND app <> 'outwitness'`;
const EVENTS = `sum(leaf ->> '$.phase' IN ('whole', 'open'))`;
const bytes = (name: string): string =>
  `sum(CASE WHEN leaf ->> '$.phase' IN ('whole', 'end') THEN coalesce(leaf ->> '$.${name}', 0) ELSE 0 END)`;
const ERRORS = `sum(leaf ->> '$.phase' IN ('whole', 'end') AND outcome <> 'ok')`;

/** Path in the report to the number that belongs there. */
export type Counted = Record<string, number>;

export function countBySql(data: string, report: ReportJson): Counted {
  const db = new DatabaseSync(join(data, 'ledger.db'), { readOnly: true });
  try {
    return {
      ...totals(db),
      ...flows(db),
      ...distribution(db),
      ...cards(db),
      ...destinations(db, report),
      ...timeline(db, report),
    };
  } finally {
    db.close();
  }
}

const CLASSES = ['vendor', 'third-party', 'internal', 'unclassified'];

function totals(db: DatabaseSync): Counted {
  const counted: Counted = { 'totals.events': one(db, `SELECT ${EVENTS} FROM rows WHERE ${CALLS}`) };
  for (const name of CLASSES) {
    const key = name === 'third-party' ? 'thirdParty' : name;
    counted[`totals.${key}`] = one(db, `SELECT ${EVENTS} FROM rows WHERE ${CALLS} AND class = ?`, name);
  }
  return counted;
}

function flows(db: DatabaseSync): Counted {
  const counted: Counted = {};
  for (const direction of ['in', 'out']) {
    const from = `FROM rows WHERE ${CALLS} AND direction = ?`;
    counted[`cards.${direction}.events`] = one(db, `SELECT ${EVENTS} ${from}`, direction);
    counted[`cards.${direction}.errors`] = one(db, `SELECT ${ERRORS} ${from}`, direction);
    for (const name of ['bytesOut', 'bytesIn']) {
      counted[`cards.${direction}.${name}`] = one(db, `SELECT ${bytes(name)} ${from}`, direction);
    }
  }
  return counted;
}

function distribution(db: DatabaseSync): Counted {
  const counted: Counted = {};
  for (const [index, name] of CLASSES.entries()) {
    const from = `FROM rows WHERE ${CALLS} AND direction = 'out' AND class = ?`;
    counted[`distribution.${index}.events`] = one(db, `SELECT ${EVENTS} ${from}`, name);
    counted[`distribution.${index}.bytesOut`] = one(db, `SELECT ${bytes('bytesOut')} ${from}`, name);
    counted[`distribution.${index}.bytesIn`] = one(db, `SELECT ${bytes('bytesIn')} ${from}`, name);
  }
  return counted;
}

function cards(db: DatabaseSync): Counted {
  const out = `FROM rows WHERE ${CALLS} AND direction = 'out'`;
  return {
    'cards.destinations': one(db, `SELECT count(*) FROM (SELECT DISTINCT host, port ${out})`),
    'cards.packages': one(db, `SELECT count(DISTINCT package) ${out}`),
    'cards.unattributed': one(db, `SELECT ${EVENTS} ${out} AND package IS NULL`),
  };
}

/** The report says which destinations there are; SQL counts the rows of each. */
function destinations(db: DatabaseSync, report: ReportJson): Counted {
  const counted: Counted = {};
  for (const [index, { direction, app, package: name, host, port, class: kind }] of report.destinations.entries()) {
    if (direction === 'in') continue;
    const from = `FROM rows WHERE ${CALLS} AND direction = 'out' AND app = ? AND package IS ? AND host IS ? AND port IS ? AND class = ?`;
    for (const [measure, sql] of Object.entries({
      events: EVENTS,
      bytesOut: bytes('bytesOut'),
      bytesIn: bytes('bytesIn'),
    })) {
      counted[`destinations.${index}.${measure}`] = one(db, `SELECT ${sql} ${from}`, app, name, host, port, kind);
    }
  }
  return counted;
}

function timeline(db: DatabaseSync, report: ReportJson): Counted {
  const counted: Counted = {};
  for (const [index, { at }] of report.timeline.points.entries()) {
    const from = `FROM rows WHERE ${CALLS} AND time / 3600000000 = ?`;
    const hour = Date.parse(at) / 3_600_000;
    for (const direction of ['in', 'out']) {
      counted[`timeline.points.${index}.${direction}`] = one(
        db,
        `SELECT ${EVENTS} ${from} AND direction = ?`,
        hour,
        direction,
      );
    }
    for (const name of ['bytesOut', 'bytesIn']) {
      counted[`timeline.points.${index}.${name}`] = one(db, `SELECT ${bytes(name)} ${from}`, hour);
    }
  }
  return counted;
}

function one(db: DatabaseSync, sql: string, ...values: (string | number | null)[]): number {
  const row = db.prepare(sql).get(...values);
  return Number(Object.values(row ?? {})[0] ?? 0);
}
