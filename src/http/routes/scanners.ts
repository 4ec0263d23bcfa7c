import { findScanner, listScanners } from '../../db/records/scanner.ts';
import { listCalibrationFactors, listFactorChanges } from '../../db/registry/calibration-factors.ts';
import { listLsc } from '../../db/registry/lsc.ts';
import { listPrecisionStudies } from '../../db/registry/precision.ts';
import { listScannerEpochs } from '../../db/registry/scanner-epoch.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { scannerContent, scannersContent } from '../registry/scanners.ts';
import { sendPage } from '../view/send.ts';

export function addScannerRoutes(app: App, { pool }: ServerContext): void {
  const config = { role: 'viewer', shows: 'nothing' } as const;
  app.get('/scanners', { config, schema: { hide: true } }, async (request, reply) => {
    const [scanners, changes] = await Promise.all([listScanners(pool), listFactorChanges(pool)]);
    const content = scannersContent(scanners, changes);
    return sendPage(request, reply, { title: 'Scanners', section: 'scanners', content });
  });
  app.get('/scanners/:id', { config, schema: { hide: true, params: BY_ID } }, async (request, reply) => {
    const scanner = await findScanner(pool, request.params.id);
    if (scanner === null) throw problem('NOT_FOUND');
    const [factors, lsc, precision, epochs] = await Promise.all([
      listCalibrationFactors(pool, scanner.id),
      listLsc(pool, { all: true }),
      listPrecisionStudies(pool),
      listScannerEpochs(pool, { all: true }),
    ]);
    const own = <T extends { readonly scannerKey: string }>(rows: readonly T[]) =>
      rows.filter(({ scannerKey }) => scannerKey === scanner.identityKey);
    const content = scannerContent({
      scanner,
      factors,
      lsc: own(lsc),
      precision: own(precision),
      epochs: own(epochs),
    });
    return sendPage(request, reply, { title: `Scanner ${scanner.modelName}`, section: 'scanners', content });
  });
}
