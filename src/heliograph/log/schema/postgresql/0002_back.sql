drop function heliograph_move(bigint, bigint, tid, bigint);
