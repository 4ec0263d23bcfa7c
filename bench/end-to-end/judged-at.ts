type Line = {
  readonly msg?: string;
  readonly time: number;
  readonly sourceFileId?: string;
  readonly patient?: string;
  readonly revision?: string;
};

/**
 * Milliseconds from each file's drop to the first judgement of its patient at a revision that holds its report, by the
 * logs of the workers, which name both.
 */
export function judgedAt(
  logs: readonly string[],
  files: readonly { readonly id: string; readonly name: string }[],
  droppedAt: ReadonlyMap<string, number>,
): number[] {
  const lines = logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const judgements = new Map<string, { time: number; revision: number }[]>();
  for (const { msg, time, patient, revision } of lines) {
    if (msg !== 'patient assessed' || patient === undefined) continue;
    const list = judgements.get(patient) ?? [];
    list.push({ time, revision: Number(revision) });
    judgements.set(patient, list);
  }
  const names = new Map(files.map(({ id, name }) => [id, name]));
  return lines.flatMap(({ msg, sourceFileId, patient, revision }) => {
    if (msg !== 'file ingested' || sourceFileId === undefined || patient === undefined) return [];
    const dropped = droppedAt.get(names.get(sourceFileId) ?? '');
    const seen = (judgements.get(patient) ?? []).filter((one) => one.revision >= Number(revision));
    if (dropped === undefined || seen.length === 0) return [];
    return [Math.min(...seen.map(({ time }) => time)) - dropped];
  });
}
