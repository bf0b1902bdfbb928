import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '@attune/recommender';
import { stringify } from 'csv-stringify/sync';
import { writeWhole } from '../writeWhole';

const SEED = 2024;
const USERS = 400;
const GENRES = ['Drama', 'Comedy', 'Thriller', 'Science Fiction', 'Animation', 'Documentary', 'Western', 'Romance'];
const SERIES_PER_GENRE = 12;
const FILMS_PER_SERIES = 8;
const FIRST_EVENT_S = 1_672_531_200;
const DAY_S = 86_400;

/** Chance to go on with the series one is in, to change to another series of the genre, or else to change the genre. */
const NEXT_IN_SERIES = 0.55;
const SAME_GENRE = 0.8;

interface Film {
  id: string;
  title: string;
  genre: number;
  series: number;
  part: number;
}

/**
 * Writes an invented catalogue and invented viewers: people with a taste for a genre or two, who mostly watch the parts
 * of a series in order. The same every time.
 */
export async function writeSimulatedCatalogue(folder: string): Promise<{ interactions: string; items: string }> {
  const files = { interactions: join(folder, 'interactions.csv'), items: join(folder, 'items.csv') };
  if (existsSync(files.interactions) && existsSync(files.items)) return files;
  const random = new Random(SEED);
  const films = inventFilms();
  await mkdir(folder, { recursive: true });
  await writeWhole(
    files.items,
    stringify(
      films.map(({ id, title, genre }) => [id, title, GENRES[genre]]),
      { header: true, columns: ['ITEM_ID', 'TITLE', 'GENRES'] },
    ),
  );
  const rows = Array.from({ length: USERS }, (_, user) => inventHistory(user + 1, films, random)).flat();
  await writeWhole(
    files.interactions,
    stringify(rows, { header: true, columns: ['USER_ID', 'ITEM_ID', 'TIMESTAMP', 'EVENT_TYPE'] }),
  );
  return files;
}

function inventFilms(): Film[] {
  const films: Film[] = [];
  for (const genre of GENRES.keys()) {
    for (let series = 1; series <= SERIES_PER_GENRE; series++) {
      for (let part = 1; part <= FILMS_PER_SERIES; part++) {
        films.push({
          id: String(films.length + 1),
          title: `Simulated ${GENRES[genre]} ${series}, part ${part}`,
          genre,
          series,
          part,
        });
      }
    }
  }
  return films;
}

function inventHistory(user: number, films: readonly Film[], random: Random): [number, string, number, string][] {
  const tastes = [pickGenre(random), pickGenre(random)];
  const seen = new Set<string>();
  const rows: [number, string, number, string][] = [];
  const length = 20 + Math.floor(random.uniform() * 100);
  let time = FIRST_EVENT_S + Math.floor(random.uniform() * 300 * DAY_S);
  let current: Film | undefined;
  for (let event = 0; event < length; event++) {
    const next = nextFilm(current, tastes, films, seen, random);
    if (!next) break;
    seen.add(next.id);
    rows.push([user, next.id, time, 'watch']);
    time += Math.floor((random.uniform() < 0.7 ? 3 / 24 : 5) * DAY_S * (0.5 + random.uniform()));
    current = next;
  }
  return rows;
}

function nextFilm(
  current: Film | undefined,
  tastes: readonly number[],
  films: readonly Film[],
  seen: ReadonlySet<string>,
  random: Random,
): Film | undefined {
  if (current && random.uniform() < NEXT_IN_SERIES) {
    const { genre, series, part } = current;
    const sequel = films.find((film) => film.genre === genre && film.series === series && film.part === part + 1);
    if (sequel && !seen.has(sequel.id)) return sequel;
  }
  const genre = random.uniform() < SAME_GENRE ? (tastes[random.uniform() < 0.7 ? 0 : 1] as number) : pickGenre(random);
  const unseen = films.filter((film) => film.genre === genre && !seen.has(film.id));
  // The square favours the first series and their first parts: some films are more popular than others.
  return unseen[Math.floor(random.uniform() ** 2 * unseen.length)];
}

function pickGenre(random: Random): number {
  return Math.floor(random.uniform() * GENRES.length);
}
