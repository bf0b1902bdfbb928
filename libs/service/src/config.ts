import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@attune/domain';
import { z } from 'zod';

/**
 * One setting: an environment variable, what it may hold, and the sentence that documents it. `NAME_FILE` may name a file
 * that holds the value instead, as orchestrators mount secrets.
 */
export interface Variable<Value> {
  /** The environment variable. */
  name: string;
  description: string;
  /** What may be given, in words, for example `a port, 0 to 65535`. */
  allowed: string;
  /** Turns the variable's text into its value, or refuses it. */
  schema: z.ZodType<Value, string>;
  /** The text that stands where the variable is unset or empty. Without it the setting is required. */
  default?: string;
  /** Keeps the value out of messages and documentation. @default false */
  secret?: boolean;
}

/** A service's settings by the name the code uses. */
export type Declarations = Readonly<Record<string, Variable<unknown>>>;

export type Config<D extends Declarations> = {
  readonly [Key in keyof D]: D[Key] extends Variable<infer Value> ? Value : never;
};

type Described = Pick<Variable<unknown>, 'description' | 'default' | 'secret'>;

export function stringVariable(name: string, options: Described): Variable<string> {
  return { name, allowed: 'any text', schema: z.string(), ...options };
}

export function integerVariable(name: string, minimum: number, maximum: number, options: Described): Variable<number> {
  const schema = z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
  return { name, allowed: `a whole number from ${minimum} to ${maximum}`, schema, ...options };
}

/** A TCP port. 0 lets the system choose a free one. */
export function portVariable(name: string, options: Described): Variable<number> {
  return integerVariable(name, 0, 65535, options);
}

export function choiceVariable<Choice extends string>(
  name: string,
  choices: readonly Choice[],
  options: Described,
): Variable<Choice> {
  return { name, allowed: `one of ${choices.join(', ')}`, schema: z.enum(choices), ...options };
}

/**
 * Reads the settings from the environment, and from the files it names, once, at start.
 * @throws InvalidInputError that lists every variable that is missing or wrong, with its value and what is allowed
 */
export function readConfig<D extends Declarations>(
  declarations: D,
  environment: Readonly<Record<string, string | undefined>>,
): Config<D> {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(declarations)) {
    const source = textOf(variable.name, environment);
    if ('problem' in source) {
      problems.push(source.problem);
      continue;
    }
    const given = source.text || variable.default;
    if (given === undefined) {
      problems.push(`${variable.name} is not set. It must be ${variable.allowed}: ${variable.description}`);
      continue;
    }
    const result = variable.schema.safeParse(given);
    if (result.success) config[key] = result.data;
    else problems.push(`${variable.name} is ${shown(variable, given)}. It must be ${variable.allowed}.`);
  }
  if (problems.length > 0) {
    throw new InvalidInputError(['The configuration is not valid.', ...problems].join('\n  '));
  }
  return config as Config<D>;
}

/** The text of a setting, from its variable or from the file that `NAME_FILE` names; empty where neither is set. */
function textOf(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): { text: string } | { problem: string } {
  const text = environment[name] ?? '';
  const file = environment[`${name}_FILE`];
  if (!file) return { text };
  if (text) return { problem: `${name} and ${name}_FILE are both set. Keep one of them.` };
  try {
    // Editors and `echo` end a file with a line break, which belongs to no password.
    return { text: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return { problem: `${name}_FILE is "${file}", which can't be read (${reason}).` };
  }
}

/** A setting as documentation prints it. */
export interface VariableDescription {
  name: string;
  description: string;
  allowed: string;
  /** Absent where the setting is required, or stays empty. */
  default?: string;
}

/** What `attune --help` and the operations guide say of the settings: made from what reads them. */
export function describeConfig(declarations: Declarations): VariableDescription[] {
  return Object.values(declarations).map((variable) => ({
    name: variable.name,
    description: variable.description,
    allowed: variable.allowed,
    ...(variable.default && { default: shown(variable, variable.default) }),
  }));
}

function shown(variable: Variable<unknown>, text: string): string {
  return variable.secret ? '[secret]' : `"${text}"`;
}
