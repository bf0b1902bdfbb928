/** Gives each distinct string the next number. */
export class Vocabulary {
  readonly words: string[] = [];
  readonly #codes = new Map<string, number>();

  /** @param most how many words there may be */
  constructor(private readonly most: number = Number.POSITIVE_INFINITY) {}

  /** The number of a word that is there. */
  find(word: string): number | undefined {
    return this.#codes.get(word);
  }

  /** The number of a word, which it gets where it is new; undefined where there are too many already. */
  codeOf(word: string): number | undefined {
    let code = this.#codes.get(word);
    if (code === undefined && this.words.length < this.most) {
      code = this.words.length;
      this.#codes.set(word, code);
      this.words.push(word);
    }
    return code;
  }
}
