/** 2100-01-01 in Unix seconds: the latest time that data may carry. What lies beyond is a time in another unit. */
export const LATEST_TIMESTAMP_S = 4_102_444_800;
