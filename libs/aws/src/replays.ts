import { type GenerationLimits, Generations } from './generations';

/**
 * How long after its first use a signature may come again as another call. boto3 and the AWS CLI sign whole seconds and
 * not the header that tells their calls apart, so two equal calls within a second have one signature.
 */
const SAME_SECOND: GenerationLimits = { lifetimeMs: 2_000, max: 100_000 };

/**
 * Remembers which signatures were used, each for as long as it can be valid. With 12 bytes of each kept, a million take
 * about 80 MB.
 */
export class Replays {
  private readonly used: Generations;
  private readonly calls = new Generations(SAME_SECOND);

  constructor(limits: GenerationLimits) {
    this.used = new Generations(limits);
  }

  /**
   * Notes that a signature was used.
   * @param call names the call and its attempt, as AWS's clients do in headers; empty where the client does not
   * @param now milliseconds since the epoch
   * @returns whether this is no repetition: the first use, or within 4 s of it another call
   */
  first(signature: Buffer, call: string, now: number): boolean {
    // 96 bits: two of a million signatures agree in them once in 10^17 times.
    const mark = signature.toString('latin1', 0, 12);
    const markOfCall = `${mark}${call}`;
    if (this.used.has(mark, now)) {
      if (call === '' || !this.calls.has(mark, now) || this.calls.has(markOfCall, now)) return false;
    } else {
      this.used.add(mark, now);
      this.calls.add(mark, now);
    }
    this.calls.add(markOfCall, now);
    return true;
  }
}
