/** A scanner as it names itself, with the key of the same device in `scanner.identity_key`. */
export type Device = {
  readonly scannerKey: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
};

/** One line for a reader: manufacturer, model, and the serial number or the station. */
export function describeDevice({ manufacturer, modelName, deviceSerialNumber, stationName }: Device): string {
  return [manufacturer, modelName, deviceSerialNumber || stationName].filter((part) => part !== '').join(' ');
}

/** The device columns of a table as the type names them; `prefix` for a table with two devices, `alias` of the table. */
export function deviceColumns(prefix: 'from_' | 'to_' | '' = '', alias = ''): string {
  const table = alias === '' ? '' : `${alias}.`;
  return COLUMNS.map(([column, name]) => `${table}${prefix}${column} as "${prefixed(prefix, name)}"`).join(', ');
}

const COLUMNS = [
  ['scanner_key', 'scannerKey'],
  ['manufacturer', 'manufacturer'],
  ['model_name', 'modelName'],
  ['device_serial_number', 'deviceSerialNumber'],
  ['station_name', 'stationName'],
] as const;

function prefixed(prefix: string, name: string): string {
  return prefix === '' ? name : prefix.slice(0, -1) + name.charAt(0).toUpperCase() + name.slice(1);
}

/** Values of the five device columns in the order key, manufacturer, model, serial number, station. */
export const deviceValues = (device: Device): readonly string[] => [
  device.scannerKey,
  device.manufacturer,
  device.modelName,
  device.deviceSerialNumber,
  device.stationName,
];
