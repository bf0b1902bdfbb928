/** A JSON object as `jsonb` holds it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A row as SQL gives it: what may be absent is null. */
export type NullableRow<Value> = {
  [Key in keyof Value]-?: undefined extends Value[Key] ? Exclude<Value[Key], undefined> | null : Value[Key];
};

/** Turns SQL's nulls into absent members. */
export function fromRow<Value extends object>(row: NullableRow<Value>): Value {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Value;
}
