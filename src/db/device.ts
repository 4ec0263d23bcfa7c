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

/** The device columns of a table, as the type names them; `prefix` for a table with two devices. */
export const deviceColumns = (prefix = '') =>
  `${prefix}scanner_key as "${camel(prefix, 'scannerKey')}", ${prefix}manufacturer as "${camel(prefix, 'manufacturer')}",
   ${prefix}model_name as "${camel(prefix, 'modelName')}",
   ${prefix}device_serial_number as "${camel(prefix, 'deviceSerialNumber')}",
   ${prefix}station_name as "${camel(prefix, 'stationName')}"`;

function camel(prefix: string, name: string): string {
  return prefix === '' ? name : prefix.replace('_', '') + name.charAt(0).toUpperCase() + name.slice(1);
}

/** Values of the five device columns in the order key, manufacturer, model, serial number, station. */
export const deviceValues = (device: Device): readonly string[] => [
  device.scannerKey,
  device.manufacturer,
  device.modelName,
  device.deviceSerialNumber,
  device.stationName,
];
