package kapacitor.udf.flink;

import java.io.Serializable;

/**
 * Makes points of a stream's records.
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
public interface PointReader<T> extends Serializable {
    /**
     * Hands the points of one record over, as many as there are.
     *
     * @throws BadRecordException where the record holds no point; it is logged, counted and left out
     */
    void read(T record, PointBuilder points) throws BadRecordException;
}
