import { INTERACTION_FIELDS, schemaOf } from './controlApi.fixture';
import { parseDatasetSchema } from './datasetSchema';

const ITEM_ID = { name: 'ITEM_ID', type: 'string' };
const GENRES = { name: 'GENRES', type: ['null', 'string'], categorical: true };
const metadata = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `M${n}`, type: 'float' }));

test('a schema says its dataset type, and each column with its type', () => {
  const eventValue = { name: 'EVENT_VALUE', type: ['float', 'null'] };
  const device = { name: 'DEVICE', type: 'string', categorical: true };
  expect(parseDatasetSchema(schemaOf('Interactions', [...INTERACTION_FIELDS, eventValue, device]))).toEqual({
    kind: 'interactions',
    columns: [
      { name: 'USER_ID', type: 'string', nullable: false, categorical: false, textual: false },
      { name: 'ITEM_ID', type: 'string', nullable: false, categorical: false, textual: false },
      { name: 'TIMESTAMP', type: 'long', nullable: false, categorical: false, textual: false },
      { name: 'EVENT_VALUE', type: 'float', nullable: true, categorical: false, textual: false },
      { name: 'DEVICE', type: 'string', nullable: false, categorical: true, textual: false },
    ],
  });
});

test.each([
  ['Items', [ITEM_ID, GENRES, { name: 'PLOT', type: 'string', textual: true }, { name: 'YEAR', type: 'int' }], 'items'],
  ['Items', [ITEM_ID, ...metadata(100)], 'items'],
  ['Users', [{ name: 'USER_ID', type: 'string' }, ...metadata(25)], 'users'],
  ['Interactions', [...INTERACTION_FIELDS, ...metadata(5)], 'interactions'],
])('%s schemas may have many columns', (name, fields, kind) => {
  expect(parseDatasetSchema(schemaOf(name, fields))).toMatchObject({ kind, columns: { length: fields.length } });
});

test.each([
  ['text that is no JSON', '{"type": "record",', 'It is not JSON: PropertyNameExpected at position 18.'],
  ['no text', '', 'It is not JSON'],
  ['another Avro type', '{"type": "array", "items": "string"}', 'Expected an Avro record'],
  ['a list', '[]', 'Expected an Avro record'],
  ['an unknown name', schemaOf('Films', [ITEM_ID]), "Its name is 'Films'. Expected Interactions, Items or Users"],
  ['no fields', schemaOf('Items', []), 'It has no fields.'],
])('%s is refused', (_what, text, message) => {
  expect(() => parseDatasetSchema(text)).toThrow(message);
});

test.each<[string, unknown[], string]>([
  ['no metadata', [ITEM_ID], 'There is no metadata field'],
  ['too much metadata', [ITEM_ID, ...metadata(101)], 'There are 101 metadata fields. A schema for items may have 100.'],
  ['no required field', [GENRES], 'The field ITEM_ID of type string is missing'],
  ['a required field of another type', [{ ...ITEM_ID, type: 'int' }, GENRES], 'reserved for a field of type string'],
  [
    'a required field without a value',
    [{ ...ITEM_ID, type: ['string', 'null'] }, GENRES],
    'Field ITEM_ID may not be null',
  ],
  ['a categorical id', [{ ...ITEM_ID, categorical: true }, GENRES], 'Field ITEM_ID is reserved, and can be neither'],
  [
    'a reserved field of another type',
    [ITEM_ID, GENRES, { name: 'CREATION_TIMESTAMP', type: 'string' }],
    'CREATION_TIMESTAMP has the type string',
  ],
  [
    'a categorical number',
    [ITEM_ID, { ...GENRES, type: 'int' }],
    'Field GENRES has the type int. Only a field of type string',
  ],
  [
    'an attribute as text',
    [ITEM_ID, { ...GENRES, categorical: 'true' }],
    "categorical of field GENRES is 'true'. Expected true or false",
  ],
  ['both attributes', [ITEM_ID, { ...GENRES, textual: true }], 'Field GENRES is both categorical and textual'],
  ['a field twice', [ITEM_ID, GENRES, GENRES], 'The field GENRES is there twice'],
  [
    'names that are nearly the same',
    [ITEM_ID, GENRES, { ...GENRES, name: 'Genre_S' }],
    'GENRES and Genre_S differ in underscores or case alone',
  ],
  ['a name with a space', [ITEM_ID, { ...GENRES, name: 'MY GENRE' }], "The name of fields[1] is 'MY GENRE'"],
  ['a name too long', [ITEM_ID, { ...GENRES, name: 'G'.repeat(151) }], 'The name of fields[1]'],
  ['no name', [ITEM_ID, { type: 'string' }], 'The name of fields[1] is null'],
  ['a field that is no object', [ITEM_ID, 'GENRES'], "fields[1] is 'GENRES'"],
  ['a nested type', [ITEM_ID, { ...GENRES, type: { type: 'array', items: 'string' } }], 'The type of field GENRES'],
  [
    'an unknown type',
    [ITEM_ID, { ...GENRES, type: 'text' }],
    "The type of field GENRES is 'text'. Expected one of string, int",
  ],
  ['two types beside null', [ITEM_ID, { ...GENRES, type: ['int', 'float', 'null'] }], 'The type of field GENRES'],
  ['null alone', [ITEM_ID, { ...GENRES, type: ['null'] }], 'The type of field GENRES'],
  [
    'a default of another type',
    [ITEM_ID, { ...GENRES, default: 7 }],
    'It is not valid Avro: incompatible field default 7',
  ],
])('an Items schema with %s is refused', (_what, fields, message) => {
  expect(() => parseDatasetSchema(schemaOf('Items', fields as object[]))).toThrow(message);
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a column may be called %s', (name) => {
  const schema = schemaOf('Items', [ITEM_ID, GENRES, { name, type: 'int' }]);
  expect(parseDatasetSchema(schema).columns.at(-1)).toMatchObject({ name, type: 'int' });
  expect(() => parseDatasetSchema(schemaOf(name, [ITEM_ID, GENRES]))).toThrow(`Its name is '${name}'`);
});

test('text in sentences is for items alone', () => {
  const users = schemaOf('Users', [
    { name: 'USER_ID', type: 'string' },
    { name: 'BIO', type: 'string', textual: true },
  ]);
  expect(() => parseDatasetSchema(users)).toThrow(
    'Field BIO is textual, which only a field of an Items schema can be.',
  );
});

test('names of Avro are checked, too', () => {
  const schema = JSON.stringify({ type: 'record', name: 'Items', namespace: '1bad', fields: [ITEM_ID, GENRES] });
  expect(() => parseDatasetSchema(schema)).toThrow('It is not valid Avro: invalid name: "1bad.Items".');
});

test('all problems are told at once, ten of them in full', () => {
  const fields = Array.from({ length: 12 }, (_, n) => ({ name: `F${n}`, type: 'text' }));
  expect(() => parseDatasetSchema(schemaOf('Items', fields))).toThrow(/field F0 .*field F9 .*And 2 problems more\./);
});
