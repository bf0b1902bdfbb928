/** The error types of the service "personalize". */
export type ControlErrorType =
  | 'InvalidInputException'
  | 'InvalidNextTokenException'
  | 'LimitExceededException'
  | 'ResourceAlreadyExistsException'
  | 'ResourceInUseException'
  | 'ResourceNotFoundException'
  | 'TooManyTagKeysException'
  | 'TooManyTagsException';

/** What most operations of one kind can answer with. */
export const DESCRIBE_ERRORS = ['InvalidInputException', 'ResourceNotFoundException'] as const;
export const LIST_ERRORS = ['InvalidInputException', 'InvalidNextTokenException'] as const;
export const CHANGE_ERRORS = [...DESCRIBE_ERRORS, 'ResourceInUseException'] as const;
export const CREATE_ERRORS = [
  ...CHANGE_ERRORS,
  'ResourceAlreadyExistsException',
  'LimitExceededException',
  'TooManyTagsException',
] as const;
