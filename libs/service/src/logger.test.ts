import { createLogger } from './logger';

function linesOf(log: (logger: ReturnType<typeof createLogger>) => void, level: 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  log(createLogger({ service: 'test', level, destination: { write: (line: string) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with level, ISO time, service and message', () => {
  const [line] = linesOf((logger) => logger.info({ port: 8080 }, 'ready'));
  expect(line).toMatchObject({ level: 'info', service: 'test', port: 8080, msg: 'ready' });
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('secrets are replaced, at the top of a line and one level down', () => {
  const [line] = linesOf((logger) => logger.info({ password: 'p', headers: { authorization: 'Bearer t', host: 'h' } }));
  expect(line).toMatchObject({ password: '[secret]', headers: { authorization: '[secret]', host: 'h' } });
});

test('what lies below the level is left out', () => {
  expect(linesOf((logger) => logger.info('detail'), 'warn')).toEqual([]);
});
