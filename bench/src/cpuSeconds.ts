/** What a service has used since its start, in seconds of CPU, as it reports to Prometheus. */
export async function cpuSecondsOf(httpUrl: string): Promise<number> {
  const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(metrics)?.[1]);
}
