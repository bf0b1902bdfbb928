import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choiceVariable, describeConfig, integerVariable, portVariable, readConfig, stringVariable } from './config';

const declarations = {
  port: portVariable('APP_PORT', { description: 'HTTP port.', default: '8080' }),
  workers: integerVariable('APP_WORKERS', 1, 8, { description: 'Worker processes.', default: '2' }),
  level: choiceVariable('APP_LEVEL', ['info', 'debug'], { description: 'Log level.', default: 'info' }),
  key: stringVariable('APP_KEY', { description: 'Signs tokens.', secret: true }),
};

test('variables are read, and defaults stand in for those that are unset or empty', () => {
  const config = readConfig(declarations, { APP_PORT: '9000', APP_WORKERS: '', APP_KEY: 'k' });
  expect(config).toEqual({ port: 9000, workers: 2, level: 'info', key: 'k' });
});

test('one error lists every variable that is missing or wrong, with what is allowed', () => {
  const read = () => readConfig(declarations, { APP_PORT: '70000', APP_WORKERS: 'two', APP_LEVEL: 'loud' });
  expect(read).toThrow(
    [
      'The configuration is not valid.',
      '  APP_PORT is "70000". It must be a whole number from 0 to 65535.',
      '  APP_WORKERS is "two". It must be a whole number from 1 to 8.',
      '  APP_LEVEL is "loud". It must be one of info, debug.',
      '  APP_KEY is not set. It must be any text: Signs tokens.',
    ].join('\n'),
  );
});

test('the value of a secret is in no message and no documentation', () => {
  const secret = { key: { ...integerVariable('APP_PIN', 0, 9, { description: 'Pin.', secret: true, default: '7' }) } };
  expect(() => readConfig(secret, { APP_PIN: '4711' })).toThrow('APP_PIN is [secret].');
  expect(describeConfig(secret)).toEqual([
    { name: 'APP_PIN', description: 'Pin.', allowed: 'a whole number from 0 to 9', default: '[secret]' },
  ]);
});

describe('a value in a file', () => {
  const password = {
    password: stringVariable('APP_PASSWORD', { description: 'Password.', secret: true, default: '' }),
  };
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'attune-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read without the line break at its end', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'two words \n');
    expect(readConfig(password, { APP_PASSWORD_FILE: file })).toEqual({ password: 'two words ' });
  });

  test('that is not there is named', () => {
    const file = join(folder, 'nothing');
    expect(() => readConfig(password, { APP_PASSWORD_FILE: file })).toThrow(
      `APP_PASSWORD_FILE is "${file}", which can't be read (ENOENT).`,
    );
  });

  test('is refused beside a value in the variable itself', () => {
    expect(() => readConfig(password, { APP_PASSWORD: 'p', APP_PASSWORD_FILE: join(folder, 'password') })).toThrow(
      'APP_PASSWORD and APP_PASSWORD_FILE are both set.',
    );
  });
});
