import { InvalidInputError } from '@attune/domain';
import type { Random } from '../data/random';
import type { HyperparameterSpec } from './hyperparameters';

/** What one hyperparameter may be in a search; numbers inclusive. */
export type HyperparameterRange =
  | {
      readonly name: string;
      readonly kind: 'integer' | 'continuous';
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly name: string; readonly kind: 'categorical'; readonly values: readonly string[] };

/** Ranges as the API carries them, in lists by kind. */
export interface GivenRanges {
  integerHyperParameterRanges?: readonly GivenNumericRange[] | undefined;
  continuousHyperParameterRanges?: readonly GivenNumericRange[] | undefined;
  categoricalHyperParameterRanges?:
    | readonly { name?: string | undefined; values?: readonly string[] | undefined }[]
    | undefined;
}

interface GivenNumericRange {
  name?: string | undefined;
  minValue?: number | undefined;
  maxValue?: number | undefined;
}

/** Hyperparameters as the API carries them: strings by name. */
export type Settings = Readonly<Record<string, string>>;

const KIND_OF_TYPE = { integer: 'integer', float: 'continuous', boolean: 'categorical' } as const;

/** A recipe's own ranges of the hyperparameters that may be tuned, those of `fixed` aside. */
export function defaultRanges(specs: readonly HyperparameterSpec[], fixed: Settings = {}): HyperparameterRange[] {
  return specs.filter(({ name, tunable }) => tunable && !Object.hasOwn(fixed, name)).map(rangeOf);
}

/**
 * Reads ranges as the API carries them.
 * @param recipe its name, for messages
 * @throws InvalidInputError naming the member, its value and what is allowed
 */
export function readRanges(
  recipe: string,
  specs: readonly HyperparameterSpec[],
  given: GivenRanges,
): HyperparameterRange[] {
  const ranges: HyperparameterRange[] = [];
  const seen = new Set<string>();
  for (const [kind, list, member] of listsOf(given)) {
    for (const [index, range] of list.entries()) {
      const at = `hpoConfig.algorithmHyperParameterRanges.${member}.${index + 1}.member`;
      const spec = requireTunable(at, recipe, specs, range.name);
      if (seen.has(spec.name))
        throw new InvalidInputError(`${at}.name is "${spec.name}" once more. Give each range once.`);
      seen.add(spec.name);
      const whole = rangeOf(spec);
      if (whole.kind !== kind) {
        throw new InvalidInputError(
          `${at}: ${spec.name} is ${spec.type}. Its range belongs into ${whole.kind}HyperParameterRanges.`,
        );
      }
      ranges.push(
        whole.kind === 'categorical'
          ? { ...whole, values: readValues(at, whole.values, (range as { values?: readonly string[] }).values) }
          : { ...whole, ...readLimits(at, whole, range as GivenNumericRange) },
      );
    }
  }
  return ranges;
}

/**
 * The settings of a search's trials. The first is what would be trained without a search, moved into the ranges where it lies
 * outside; the others are drawn evenly from the ranges (Bergstra and Bengio, "Random Search for Hyper-Parameter
 * Optimization", 2012). No two are equal, so that there are fewer of them where the ranges hold fewer.
 * @param start by name, of every hyperparameter
 */
export function drawTrials(
  ranges: readonly HyperparameterRange[],
  start: Settings,
  count: number,
  random: Random,
): Settings[] {
  const trials = new Map<string, Settings>();
  const add = (choose: (range: HyperparameterRange) => string) => {
    const settings = { ...start, ...Object.fromEntries(ranges.map((range) => [range.name, choose(range)])) };
    trials.set(JSON.stringify(settings), settings);
  };
  add((range) => nearest(range, start[range.name]!));
  for (let draw = 0; trials.size < count && draw < DRAWS_PER_TRIAL * count; draw++)
    add((range) => drawValue(range, random));
  return [...trials.values()];
}

/** After so many draws for each trial wanted, the ranges hold no more. */
const DRAWS_PER_TRIAL = 50;

function listsOf(given: GivenRanges) {
  return [
    ['integer', given.integerHyperParameterRanges ?? [], 'integerHyperParameterRanges'],
    ['continuous', given.continuousHyperParameterRanges ?? [], 'continuousHyperParameterRanges'],
    ['categorical', given.categoricalHyperParameterRanges ?? [], 'categoricalHyperParameterRanges'],
  ] as const;
}

function rangeOf(spec: HyperparameterSpec): HyperparameterRange {
  const kind = KIND_OF_TYPE[spec.type];
  return kind === 'categorical'
    ? { name: spec.name, kind, values: ['true', 'false'] }
    : { name: spec.name, kind, minimum: spec.minimum!, maximum: spec.maximum! };
}

function requireTunable(
  at: string,
  recipe: string,
  specs: readonly HyperparameterSpec[],
  name: string | undefined,
): HyperparameterSpec {
  const spec = specs.find((each) => each.name === name && each.tunable);
  if (spec) return spec;
  const tunable = specs.filter((each) => each.tunable).map((each) => each.name);
  const given = name === undefined ? 'is missing' : `is "${name}"`;
  throw new InvalidInputError(`${at}.name ${given}. HPO of ${recipe} tunes ${tunable.join(', ')}.`);
}

function readLimits(
  at: string,
  whole: { kind: 'integer' | 'continuous'; minimum: number; maximum: number },
  { minValue: minimum = whole.minimum, maxValue: maximum = whole.maximum }: GivenNumericRange,
): { minimum: number; maximum: number } {
  for (const [member, value] of Object.entries({ minValue: minimum, maxValue: maximum })) {
    if (value < whole.minimum || value > whole.maximum || (whole.kind === 'integer' && !Number.isInteger(value))) {
      const number = whole.kind === 'integer' ? 'a whole number' : 'a number';
      throw new InvalidInputError(
        `${at}.${member} is ${value}. Expected ${number} from ${whole.minimum} to ${whole.maximum}.`,
      );
    }
  }
  if (minimum > maximum)
    throw new InvalidInputError(`${at}.minValue is ${minimum}. Expected at most maxValue, which is ${maximum}.`);
  return { minimum, maximum };
}

function readValues(at: string, all: readonly string[], given: readonly string[] | undefined): string[] {
  const values = (given ?? all).map((value) => value.trim().toLowerCase());
  if (values.length === 0) throw new InvalidInputError(`${at}.values is empty. Expected some of ${all.join(', ')}.`);
  for (const value of values) {
    if (!all.includes(value))
      throw new InvalidInputError(`${at}.values has "${value}". Expected some of ${all.join(', ')}.`);
  }
  return [...new Set(values)];
}

function nearest(range: HyperparameterRange, value: string): string {
  if (range.kind === 'categorical') return range.values.includes(value) ? value : range.values[0]!;
  return String(Math.min(range.maximum, Math.max(range.minimum, Number(value))));
}

function drawValue(range: HyperparameterRange, random: Random): string {
  if (range.kind === 'categorical') return range.values[Math.floor(random.uniform() * range.values.length)]!;
  const { minimum, maximum } = range;
  return range.kind === 'integer'
    ? String(minimum + Math.floor(random.uniform() * (maximum - minimum + 1)))
    : String(minimum + random.uniform() * (maximum - minimum));
}
