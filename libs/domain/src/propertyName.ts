/** `MOVIE_LENGTH` to `movieLength`: how the properties of PutEvents, PutItems and PutUsers name a schema's column. */
export function propertyName(column: string): string {
  return column.toLowerCase().replace(/_+([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
