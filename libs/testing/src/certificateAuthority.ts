import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Signs certificates for clients of a test. */
export interface CertificateAuthority {
  /** In PEM: for the server that is to trust its certificates. */
  certificate: string;
  /** Makes a certificate for a common name. Both parts are PEM. */
  issue(commonName: string): Promise<{ certificate: string; key: string }>;
}

/** Makes an authority in a folder, with the program `openssl` 3. Two of one folder need two names. */
export async function createCertificateAuthority(folder: string, name: string): Promise<CertificateAuthority> {
  const make = async (file: string, commonName: string, issuer?: string) => {
    const [certificate, key] = [join(folder, `${file}.crt`), join(folder, `${file}.key`)];
    const signing = issuer ? ['-CA', join(folder, `${issuer}.crt`), '-CAkey', join(folder, `${issuer}.key`)] : [];
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${commonName}`],
      ...['-keyout', key, '-out', certificate, ...signing],
    ]);
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
  };
  const { certificate } = await make(name, name);
  return { certificate, issue: (commonName) => make(`${name}-${commonName}`, commonName, name) };
}
