import zlib from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress as uncompressSnappy } from 'snappy';

/**
 * Teaches kafkajs to read what other producers compress: by itself it knows gzip alone. Attune's own messages, small and
 * already in protobuf, go uncompressed.
 */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => reader('snappy', readSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = () => reader('lz4', decompressFrame);
  CompressionCodecs[CompressionTypes.ZSTD] = () => reader('zstd', readZstd);
}

function reader(name: string, decompress: (compressed: Buffer) => Promise<Buffer>) {
  return {
    compress: () => Promise.reject(new Error(`Attune reads ${name} and does not write it.`)),
    decompress,
  };
}

/** What the Java client puts before its blocks: a magic number, then two versions of four bytes. */
const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;

/** Snappy as librdkafka has it, one block; or as the Java client has it, blocks each after its length (snappy-java). */
export async function readSnappy(compressed: Buffer): Promise<Buffer> {
  if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return readSnappyBlock(compressed);
  const blocks: Promise<Buffer>[] = [];
  for (let start = XERIAL_HEADER_BYTES; start < compressed.length; ) {
    const end = start + 4 + compressed.readUInt32BE(start);
    blocks.push(readSnappyBlock(compressed.subarray(start + 4, end)));
    start = end;
  }
  return Buffer.concat(await Promise.all(blocks));
}

async function readSnappyBlock(block: Buffer): Promise<Buffer> {
  return Buffer.from(await uncompressSnappy(block));
}

/** Node has it from 22.15 on. */
const nodeZstd = (zlib as { zstdDecompressSync?: (compressed: Buffer) => Buffer }).zstdDecompressSync;

async function readZstd(compressed: Buffer): Promise<Buffer> {
  return nodeZstd ? nodeZstd(compressed) : Buffer.from(decompressZstd(compressed));
}
