-- Moves a partition's position for its owner, as a part of the open transaction, and returns where its row is now.
-- First where it was last seen: a row found by its key is found the slower, the more of its versions an old transaction
-- keeps. A function because each session plans it once, and so that a COMMIT in the same message goes with it.
create function heliograph_move(partition bigint, owned_epoch bigint, place tid, new_position bigint) returns tid
language plpgsql as $function$
begin
    update heliograph_partition set position = $4, in_hand = null where ctid = $3 and id = $1 and epoch = $2
        returning ctid into place;
    if not found then
        update heliograph_partition set position = $4, in_hand = null where id = $1 and epoch = $2
            returning ctid into place;
    end if;
    if not found then
        raise exception 'partition % is owned by another worker', $1 using errcode = 'HG001';
    end if;
    return place;
end
$function$;
