/** A named stream of values of one type, with their form on the wire. */
export interface Topic<Value> {
  name: string;
  /** Declared, never changed: the key's partition depends on it. */
  partitions: number;
  encode(value: Value): Uint8Array;
  /** @throws where the bytes are no such value */
  decode(bytes: Uint8Array): Value;
}
