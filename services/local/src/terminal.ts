import { MultiBar } from 'cli-progress';
import pc from 'picocolors';

/** What the commands write for a person to read. */
export interface Terminal {
  print(line?: string): void;
  heading(text: string): void;
  /** Shows a bar that fills up, and a line with the time it took once it is done. */
  progress<Result>(label: string, work: (update: ProgressUpdate) => Promise<Result>): Promise<Result>;
}

/** @param note a few words beside the bar, for example the loss */
export type ProgressUpdate = (fraction: number, note?: string) => void;

/** How often a line is printed where the output is no terminal and a bar can't move. */
const LINE_EVERY = 0.25;

export function createTerminal(output: NodeJS.WriteStream): Terminal {
  const print = (line = '') => void output.write(`${line}\n`);
  return {
    print,
    heading: (text) => print(`\n${pc.bold(pc.cyan(text))}`),
    progress: async (label, work) => {
      const start = performance.now();
      const show = output.isTTY ? showBar(output, label) : showLines(print, label);
      try {
        const result = await work(show.update);
        show.stop();
        print(`${pc.green('✔')} ${label} ${pc.dim(`${((performance.now() - start) / 1000).toFixed(1)} s`)}`);
        return result;
      } catch (error) {
        show.stop();
        throw error;
      }
    },
  };
}

interface Shown {
  update: ProgressUpdate;
  stop(): void;
}

function showBar(output: NodeJS.WriteStream, label: string): Shown {
  const bars = new MultiBar({
    stream: output,
    format: `  {label} ${pc.cyan('{bar}')} {percentage}% ${pc.dim('{note}')}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    fps: 10,
  });
  const bar = bars.create(1000, 0, { label, note: '' });
  return {
    update: (fraction, note = '') => bar.update(Math.round(Math.min(1, fraction) * 1000), { label, note }),
    stop: () => bars.stop(),
  };
}

function showLines(print: (line: string) => void, label: string): Shown {
  let next = LINE_EVERY;
  return {
    update: (fraction, note = '') => {
      if (fraction < next || fraction >= 1) return;
      while (next <= fraction) next += LINE_EVERY;
      print(`  ${label}: ${Math.round(fraction * 100)}% ${note}`);
    },
    stop: () => {},
  };
}
