import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { AccuracyFiles } from './accuracyData';
import type { LeaveOneOutFigures } from './publishedFigures';

/** What a peer's script prints of one model. */
interface PeerResult {
  masked: Record<string, number>;
  unmasked: Record<string, number>;
  wall_s: number;
  cpu_s: number;
  valid_ndcg10: number;
  best_epoch: number;
}

export const PEER_MODELS = { SASRec: 'sasrec', GRU4Rec: 'gru' } as const;

/**
 * Trains a PyTorch peer on the same files, leave-one-out, by the script that `ATTUNE_PEERS` names, in the Python of
 * `ATTUNE_PYTHON`, which needs torch, numpy, pandas and scipy.
 * @throws what the script said, where it failed
 */
export async function runPeer(
  model: (typeof PEER_MODELS)[keyof typeof PEER_MODELS],
  files: AccuracyFiles,
  { masked, seed }: { masked: boolean; seed: number },
): Promise<LeaveOneOutFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-peer-'));
  try {
    const target = join(folder, 'data.interactions.csv.gz');
    if (files.interactions.endsWith('.gz')) await copyFile(files.interactions, target);
    else await writeFile(target, gzipSync(await readFile(files.interactions)));
    if (files.split !== undefined) await copyFile(files.split, join(folder, 'data.split.csv'));
    const script = process.env.ATTUNE_PEERS ?? join('..', 'shared', 'peers', 'peers.py');
    const { stdout } = await promisify(execFile)(
      process.env.ATTUNE_PYTHON ?? 'python3',
      [script, 'data', model, `seed=${seed}`],
      { env: { ...process.env, DATASETS: folder }, maxBuffer: 2 ** 26 },
    );
    const lines = stdout.split('\n');
    const line = lines.find((each) => each.startsWith('RESULT '));
    if (!line) throw new Error(`${script} printed no RESULT.`);
    const result = JSON.parse(line.slice('RESULT '.length)) as PeerResult;
    const figures = masked ? result.masked : result.unmasked;
    const best = lines.find((each) => each.startsWith(`ep ${result.best_epoch} `));
    const seconds = Number(best?.match(/ total (\d+)$/)?.[1]);
    return {
      hr10: figures['recall@10']!,
      ndcg10: figures['ndcg@10']!,
      recall25: figures['recall@25']!,
      mrr: figures.mrr!,
      wallSeconds: result.wall_s,
      cpuSeconds: result.cpu_s,
      ...(seconds > 0 && { best: { seconds, validation: result.valid_ndcg10 } }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
