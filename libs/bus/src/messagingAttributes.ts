/** What spans say of a topic, by OpenTelemetry's semantic conventions for messaging. */
export function destinationOf({ name }: { name: string }, operation: 'send' | 'process'): Record<string, string> {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    'messaging.destination.name': name,
  };
}
