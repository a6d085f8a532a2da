import type { Flat } from '@outwitness/event';

import type { Catalogue, CatalogueComponent } from './catalogue.ts';
import { callsOf } from './cells.ts';
import type { ComponentJson, VendorEntryJson } from './components-json.ts';
import { type HostOwner, HostOwners } from './host-owners.ts';
import type { PeriodCell } from './period.ts';
import { Sight } from './sights.ts';

interface ComponentEntry {
  readonly component: CatalogueComponent;
  readonly hosts: readonly string[];
  readonly ports: readonly number[] | undefined;
  readonly seen: Sight;
  readonly patterns: Map<string, number>;
  shared: boolean;
}

/** What was seen of one vendor, by what the rows say of it. */
export class VendorEntry {
  readonly #name: string;
  readonly #watched: boolean;
  readonly #listed: boolean;
  readonly #components: readonly ComponentEntry[];
  readonly #seen = new Sight();
  #outside = 0;
  #elsewhere = 0;

  /** @param cells outbound, those whose rows name this vendor */
  constructor(name: string, catalogue: Catalogue, cells: readonly PeriodCell[]) {
    const vendor = catalogue.vendors.find((one) => one.name === name);
    this.#name = name;
    this.#listed = vendor !== undefined;
    this.#watched = vendor?.watched ?? cells.some((cell) => cell.class === 'vendor');
    this.#components = (vendor?.components ?? []).map((component) => ({
      component,
      hosts: component.hosts,
      ports: component.ports,
      seen: new Sight(),
      patterns: new Map(),
      shared: false,
    }));
    const owners = new HostOwners(this.#components, 'preferred');
    for (const cell of cells) this.#add(cell, owners.of(cell.host, cell.port));
  }

  #add(cell: PeriodCell, owners: readonly HostOwner<ComponentEntry>[]): void {
    this.#seen.add(cell);
    if (cell.declared === 'no' || cell.declared === 'beyond') this.#outside += callsOf(cell);
    if (owners.length === 0) this.#elsewhere += cell.events;
    for (const { entry, pattern } of owners) {
      entry.seen.add(cell);
      entry.patterns.set(pattern, (entry.patterns.get(pattern) ?? 0) + cell.events);
      if (owners.length > 1) entry.shared = true;
    }
  }

  sights(): Sight[] {
    return [this.#seen, ...this.#components.map(({ seen }) => seen)];
  }

  json(rows: ReadonlyMap<number, Flat>): VendorEntryJson {
    return {
      name: this.#name,
      watched: this.#watched,
      listed: this.#listed,
      seen: this.#seen.json(rows),
      outside: this.#outside,
      components: this.#components.map((entry) => componentJson(entry, rows)),
      elsewhere: this.#elsewhere,
    };
  }
}

function componentJson(
  { component, seen, patterns, shared }: ComponentEntry,
  rows: ReadonlyMap<number, Flat>,
): ComponentJson {
  return {
    id: component.id,
    name: component.name,
    purpose: component.purpose ?? null,
    hosts: component.hosts.map((pattern) => ({ pattern, events: patterns.get(pattern) ?? 0 })),
    ports: [...(component.ports ?? [])],
    methods: [...(component.methods ?? [])],
    paths: [...(component.paths ?? [])],
    seen: seen.json(rows),
    shared,
  };
}
