const fold = (text: string) =>
  text
    .replace(/[\s\u0085]+/g, ' ')
    .trim()
    .toLowerCase();

/**
 * Key of a physical device. A serial number with its model names one device, whatever spelling of the manufacturer its
 * software release uses (GE's changed with enCORE 9.0); without a serial number the station name has to do. A device
 * that gives neither is not identified: its scans share a key but are never compared.
 */
export function scannerKey(device: {
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string | null;
  readonly stationName: string | null;
}): { readonly key: string; readonly identified: boolean } {
  const model = fold(device.modelName);
  const serial = fold(device.deviceSerialNumber ?? '');
  if (serial !== '') return { key: `${model}|serial:${serial}`, identified: true };
  const station = fold(device.stationName ?? '');
  if (station !== '') return { key: `${fold(device.manufacturer)}|${model}|station:${station}`, identified: true };
  return { key: `${fold(device.manufacturer)}|${model}|unidentified`, identified: false };
}
