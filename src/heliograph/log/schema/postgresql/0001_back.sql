drop function heliograph_sequence();
drop function heliograph_sequence_anew(bigint, bigint);
drop table heliograph_sequencerstep;
drop table heliograph_position;
drop table heliograph_event;
