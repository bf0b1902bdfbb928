import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A self-signed certificate of the loopback: its files, and its text for a client to trust. */
export interface Certificate {
  certificateFile: string;
  keyFile: string;
  /** The certificate followed by the key: what Kafka reads as a PEM key store. */
  certificate: string;
  key: string;
}

/** Makes a certificate in a folder, with the program `openssl`. */
export async function createCertificate(folder: string): Promise<Certificate> {
  const certificateFile = join(folder, 'server.crt');
  const keyFile = join(folder, 'server.key');
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', names],
    ...['-keyout', keyFile, '-out', certificateFile],
  ]);
  const [certificate, key] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { certificateFile, keyFile, certificate, key };
}
