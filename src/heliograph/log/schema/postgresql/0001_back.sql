drop function heliograph_append(uuid, bigint, text, text, json, json);
drop function heliograph_news(bigint);
drop function heliograph_sequence();
drop function heliograph_cluster();
drop function heliograph_sequence_anew(bigint, bigint);
drop table heliograph_sequencerstep;
drop table heliograph_position;
drop table heliograph_event;
