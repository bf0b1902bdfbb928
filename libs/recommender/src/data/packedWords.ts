/** Words as one array of UTF-8 bytes beside the end of each word in it. */
export function packWords(words: readonly string[]): { text: Uint8Array; ends: Int32Array } {
  const encoder = new TextEncoder();
  const encoded = words.map((word) => encoder.encode(word));
  const ends = new Int32Array(words.length);
  const text = new Uint8Array(encoded.reduce((sum, word) => sum + word.length, 0));
  let position = 0;
  encoded.forEach((word, index) => {
    text.set(word, position);
    position += word.length;
    ends[index] = position;
  });
  return { text, ends };
}

/** The words again. */
export function unpackWords(text: Uint8Array, ends: Int32Array): string[] {
  const decoder = new TextDecoder();
  return Array.from(ends, (end, index) => decoder.decode(text.subarray(index === 0 ? 0 : ends[index - 1], end)));
}
