// SPDX-License-Identifier: MIT
// The end of an epoch is written when the first record of the next one is due: only then is it
// known which that is. Its time is that record's, so that all who record the same stream agree.
#include "writer.h"

oyez_err recorder_epoch_begin(struct recorder_writer *writer, uint64_t epoch, uint64_t time)
{
    struct recorder_place *place = &writer->place;
    if (epoch == place->epoch)
        return OYEZ_OK;
    if (place->epoch != 0) {
        struct oyez_journal_record end = {.kind = OYEZ_RECORD_EPOCH_END,
                                          .epoch = place->epoch,
                                          .position = place->position,
                                          .broker_time = time,
                                          .highest_position = place->position,
                                          .next_epoch = epoch};
        if (writer->over.epoch == place->epoch) {
            if (writer->over.highest > end.highest_position)
                end.highest_position = writer->over.highest;
            end.clean = writer->over.clean;
        }
        oyez_err err = recorder_group_append(writer, &end, NULL);
        if (err != OYEZ_OK)
            return err;
        writer->counted.epoch_ends++;
    }
    *place = (struct recorder_place){.epoch = epoch};
    // The group is confirmed in this epoch: numbers of the one before would pass for numbers of it.
    writer->group.told_count = 0;
    return OYEZ_OK;
}

oyez_err recorder_epoch_over(struct recorder_writer *writer, const struct recorder_item *item)
{
    // Events of an epoch of which none came through: that they were there is worth a record.
    if (item->epoch > writer->place.epoch && item->highest > 0) {
        const struct oyez_disk *disk = writer->recorder->disk;
        oyez_err err = recorder_epoch_begin(writer, item->epoch, disk->now(disk->context));
        if (err != OYEZ_OK)
            return err;
    }
    if (item->epoch == writer->place.epoch)
        writer->over = (struct recorder_heard){item->epoch, item->highest, item->clean};
    return OYEZ_OK;
}
