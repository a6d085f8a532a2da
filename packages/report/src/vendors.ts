import { callsOf, groupCells, sum } from './cells.ts';
import type { Facts } from './facts.ts';
import type { VendorJson } from './report-json.ts';

/** Watched vendors, also those that nothing was sent to: that is the answer that an operator hopes for. */
export function vendorsOf(facts: Facts): VendorJson[] {
  const cells = facts.cells.filter((cell) => cell.class === 'vendor' && cell.direction !== 'in');
  const listed = facts.catalogue.vendors.filter((vendor) => vendor.watched);
  const names = new Set([...listed.map((vendor) => vendor.name), ...cells.map((cell) => cell.vendor)]);
  return [...names].map((name) => {
    const own = cells.filter((cell) => cell.vendor === name);
    const outside = own.filter((cell) => cell.declared === 'no' || cell.declared === 'beyond');
    const grouped = groupCells(outside, ['app', 'package', 'host', 'port', 'channel', 'declared']);
    const components = listed.find((vendor) => vendor.name === name)?.components ?? [];
    return {
      vendor: name,
      events: sum(own, 'events'),
      outside: grouped.reduce((total, cell) => total + callsOf(cell), 0),
      bytesOut: sum(own, 'bytesOut'),
      bytesIn: sum(own, 'bytesIn'),
      components: components.map((component) => ({
        id: component.id,
        name: component.name,
        hosts: [...component.hosts],
        purpose: component.purpose ?? null,
      })),
    };
  });
}
