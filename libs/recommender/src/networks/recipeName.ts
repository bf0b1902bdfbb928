/** Names as in the recipes' ARNs. */
export type RecipeName = 'aws-user-personalization' | 'aws-user-personalization-v2';

/** The recipe where none is named. */
export const DEFAULT_RECIPE: RecipeName = 'aws-user-personalization';
