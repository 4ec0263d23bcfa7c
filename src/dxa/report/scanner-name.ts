import type { Scanner } from '../study/history.ts';
import type { Visit } from '../study/visits.ts';

/** "GE Healthcare Lunar iDXA, serial number A1": manufacturer and model, as a report on an outside scan names them (ISCD). */
function scannerName({ manufacturer, modelName, deviceSerialNumber, stationName, identified }: Scanner): string {
  const device =
    !identified || (deviceSerialNumber === null && stationName === null)
      ? 'device not identified'
      : deviceSerialNumber === null
        ? `station ${stationName}`
        : `serial number ${deviceSerialNumber}`;
  return `${[manufacturer, modelName].join(' ').replaceAll(/\s+/g, ' ').trim() || 'scanner'}, ${device}`;
}

/** The scanners of a visit: one, but where a study was filed with scans of several. */
export function scannersOf({ measurements }: Visit): string {
  const scanners = new Map(measurements.map(({ scanner }) => [scanner.scannerId, scanner]));
  return [...scanners.values()].map(scannerName).join(' and ') || 'scanner not known';
}

export function scannerNamed(visit: Visit | undefined, scannerId: string): string {
  const scanner = visit?.measurements.find((one) => one.scanner.scannerId === scannerId)?.scanner;
  return scanner === undefined ? 'scanner not known' : scannerName(scanner);
}
