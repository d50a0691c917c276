struct Plain;

udf_runtime::main!(Plain);
