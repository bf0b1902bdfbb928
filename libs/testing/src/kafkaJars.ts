import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './findProgram';

const KAFKA_VERSION = '4.4.0';

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>attune</groupId><artifactId>kafka</artifactId><version>${KAFKA_VERSION}</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** What is missing to run Kafka on this machine; undefined where nothing is. */
export function missingForKafka(): string | undefined {
  if (!findProgram('java')) return 'Java 17 or newer and Maven (apt-get install openjdk-17-jre-headless maven)';
  if (!existsSync(jarsFolder()) && !findProgram('mvn')) return 'Maven (apt-get install maven)';
  return undefined;
}

/** The folder of Kafka's jars: 43 MB, brought from Maven Central the first time. */
export async function kafkaJars(): Promise<string> {
  const jars = jarsFolder();
  if (existsSync(jars)) return jars;
  await mkdir(join(jars, '..'), { recursive: true });
  const work = await mkdtemp(`${jars}-`);
  try {
    await writeFile(join(work, 'pom.xml'), POM);
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const options = ['-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'jars')}`];
    await promisify(execFile)('mvn', ['-q', '-B', '-f', join(work, 'pom.xml'), copy, ...options]);
    await rename(join(work, 'jars'), jars).catch((error) => {
      // Another process was first.
      if (!existsSync(jars)) throw error;
    });
    return jars;
  } finally {
    await rm(work, { recursive: true });
  }
}

function jarsFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'attune', `kafka-${KAFKA_VERSION}`);
}
