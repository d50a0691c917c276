package kapacitor.udf.flink;

import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the operator where it runs. */
final class UdfOperatorFactory extends AbstractStreamOperatorFactory<byte[]>
        implements OneInputStreamOperatorFactory<Tuple2<Integer, byte[]>, byte[]> {
    private static final long serialVersionUID = 1;
    private final UdfSettings settings;

    UdfOperatorFactory(UdfSettings settings) {
        this.settings = settings;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<byte[]>> T createStreamOperator(StreamOperatorParameters<byte[]> parameters) {
        return (T) new UdfOperator(parameters, settings);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
        return UdfOperator.class;
    }
}
