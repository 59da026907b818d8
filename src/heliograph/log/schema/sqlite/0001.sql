-- One writer at a time: the order of ids is the order of commits, and the id is the position. Ids are never used again.
create table heliograph_event (
    id integer primary key autoincrement,
    uuid char(32) not null,
    signal_id integer not null,
    sender text,
    key text,
    key_hash integer,
    payload text not null,
    headers text,
    sent_at datetime not null default (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
create index heliograph_event_signal on heliograph_event (signal_id, id);
