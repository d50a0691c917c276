//! Kapacitor UDFs from an annotated struct.
