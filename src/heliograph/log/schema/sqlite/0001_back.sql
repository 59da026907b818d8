drop table heliograph_event;
