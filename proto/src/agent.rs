// Generated from udf.proto by `UPDATE=1 cargo test -p udf-runtime-proto`.
/// Request is a message from Kapacitor to the UDF.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Request {
    pub message: ::core::option::Option<request::Message>,
}
impl ::prost::Message for Request {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if let Some(value) = &self.message {
            value.encode(buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 | 2 | 3 | 4 | 5 | 16 | 17 | 18 => {
                request::Message::merge(&mut self.message, tag, wire_type, buf, ctx)
                    .map_err(crate::shared::in_field("Request", "message"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0 + self.message.as_ref().map_or(0, request::Message::encoded_len)
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// Nested message and enum types in `Request`.
pub mod request {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Message {
        /// Management
        Info(super::InfoRequest),
        Init(super::InitRequest),
        Keepalive(super::KeepaliveRequest),
        Snapshot(super::SnapshotRequest),
        Restore(super::RestoreRequest),
        /// Data
        Begin(super::BeginBatch),
        Point(super::Point),
        End(super::EndBatch),
    }
    impl Message {
        /// Encodes the message to a buffer.
        pub fn encode(&self, buf: &mut impl ::prost::bytes::BufMut) {
            match self {
                Self::Info(value) => ::prost::encoding::message::encode(1, value, buf),
                Self::Init(value) => ::prost::encoding::message::encode(2, value, buf),
                Self::Keepalive(value) => {
                    ::prost::encoding::message::encode(3, value, buf)
                }
                Self::Snapshot(value) => {
                    ::prost::encoding::message::encode(4, value, buf)
                }
                Self::Restore(value) => ::prost::encoding::message::encode(5, value, buf),
                Self::Begin(value) => ::prost::encoding::message::encode(16, value, buf),
                Self::Point(value) => ::prost::encoding::message::encode(17, value, buf),
                Self::End(value) => ::prost::encoding::message::encode(18, value, buf),
            }
        }
        /// Decodes an instance of the message from a buffer, and merges it into self.
        pub fn merge(
            field: &mut ::core::option::Option<Self>,
            tag: u32,
            wire_type: ::prost::encoding::WireType,
            buf: &mut impl ::prost::bytes::Buf,
            ctx: ::prost::encoding::DecodeContext,
        ) -> ::core::result::Result<(), ::prost::DecodeError> {
            match tag {
                1 => {
                    if let Some(Self::Info(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Info(value)))
                    }
                }
                2 => {
                    if let Some(Self::Init(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Init(value)))
                    }
                }
                3 => {
                    if let Some(Self::Keepalive(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Keepalive(value)))
                    }
                }
                4 => {
                    if let Some(Self::Snapshot(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Snapshot(value)))
                    }
                }
                5 => {
                    if let Some(Self::Restore(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Restore(value)))
                    }
                }
                16 => {
                    if let Some(Self::Begin(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Begin(value)))
                    }
                }
                17 => {
                    if let Some(Self::Point(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Point(value)))
                    }
                }
                18 => {
                    if let Some(Self::End(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::End(value)))
                    }
                }
                _ => unreachable!("invalid Message tag: {tag}"),
            }
        }
        /// Returns the encoded length of the message without a length delimiter.
        #[inline]
        pub fn encoded_len(&self) -> usize {
            match self {
                Self::Info(value) => ::prost::encoding::message::encoded_len(1, value),
                Self::Init(value) => ::prost::encoding::message::encoded_len(2, value),
                Self::Keepalive(value) => {
                    ::prost::encoding::message::encoded_len(3, value)
                }
                Self::Snapshot(value) => {
                    ::prost::encoding::message::encoded_len(4, value)
                }
                Self::Restore(value) => ::prost::encoding::message::encoded_len(5, value),
                Self::Begin(value) => ::prost::encoding::message::encoded_len(16, value),
                Self::Point(value) => ::prost::encoding::message::encoded_len(17, value),
                Self::End(value) => ::prost::encoding::message::encoded_len(18, value),
            }
        }
    }
}
/// Response is a message from the UDF to Kapacitor.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Response {
    pub message: ::core::option::Option<response::Message>,
}
impl ::prost::Message for Response {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if let Some(value) = &self.message {
            value.encode(buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 | 2 | 3 | 4 | 5 | 6 | 16 | 17 | 18 => {
                response::Message::merge(&mut self.message, tag, wire_type, buf, ctx)
                    .map_err(crate::shared::in_field("Response", "message"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0 + self.message.as_ref().map_or(0, response::Message::encoded_len)
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// Nested message and enum types in `Response`.
pub mod response {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Message {
        /// Management
        Info(super::InfoResponse),
        Init(super::InitResponse),
        Keepalive(super::KeepaliveResponse),
        Snapshot(super::SnapshotResponse),
        Restore(super::RestoreResponse),
        Error(super::ErrorResponse),
        /// Data
        Begin(super::BeginBatch),
        Point(super::Point),
        End(super::EndBatch),
    }
    impl Message {
        /// Encodes the message to a buffer.
        pub fn encode(&self, buf: &mut impl ::prost::bytes::BufMut) {
            match self {
                Self::Info(value) => ::prost::encoding::message::encode(1, value, buf),
                Self::Init(value) => ::prost::encoding::message::encode(2, value, buf),
                Self::Keepalive(value) => {
                    ::prost::encoding::message::encode(3, value, buf)
                }
                Self::Snapshot(value) => {
                    ::prost::encoding::message::encode(4, value, buf)
                }
                Self::Restore(value) => ::prost::encoding::message::encode(5, value, buf),
                Self::Error(value) => ::prost::encoding::message::encode(6, value, buf),
                Self::Begin(value) => ::prost::encoding::message::encode(16, value, buf),
                Self::Point(value) => ::prost::encoding::message::encode(17, value, buf),
                Self::End(value) => ::prost::encoding::message::encode(18, value, buf),
            }
        }
        /// Decodes an instance of the message from a buffer, and merges it into self.
        pub fn merge(
            field: &mut ::core::option::Option<Self>,
            tag: u32,
            wire_type: ::prost::encoding::WireType,
            buf: &mut impl ::prost::bytes::Buf,
            ctx: ::prost::encoding::DecodeContext,
        ) -> ::core::result::Result<(), ::prost::DecodeError> {
            match tag {
                1 => {
                    if let Some(Self::Info(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Info(value)))
                    }
                }
                2 => {
                    if let Some(Self::Init(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Init(value)))
                    }
                }
                3 => {
                    if let Some(Self::Keepalive(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Keepalive(value)))
                    }
                }
                4 => {
                    if let Some(Self::Snapshot(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Snapshot(value)))
                    }
                }
                5 => {
                    if let Some(Self::Restore(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Restore(value)))
                    }
                }
                6 => {
                    if let Some(Self::Error(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Error(value)))
                    }
                }
                16 => {
                    if let Some(Self::Begin(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Begin(value)))
                    }
                }
                17 => {
                    if let Some(Self::Point(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::Point(value)))
                    }
                }
                18 => {
                    if let Some(Self::End(value)) = field {
                        ::prost::encoding::message::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::message::merge(
                                wire_type,
                                &mut value,
                                buf,
                                ctx,
                            )
                            .map(|()| *field = Some(Self::End(value)))
                    }
                }
                _ => unreachable!("invalid Message tag: {tag}"),
            }
        }
        /// Returns the encoded length of the message without a length delimiter.
        #[inline]
        pub fn encoded_len(&self) -> usize {
            match self {
                Self::Info(value) => ::prost::encoding::message::encoded_len(1, value),
                Self::Init(value) => ::prost::encoding::message::encoded_len(2, value),
                Self::Keepalive(value) => {
                    ::prost::encoding::message::encoded_len(3, value)
                }
                Self::Snapshot(value) => {
                    ::prost::encoding::message::encoded_len(4, value)
                }
                Self::Restore(value) => ::prost::encoding::message::encoded_len(5, value),
                Self::Error(value) => ::prost::encoding::message::encoded_len(6, value),
                Self::Begin(value) => ::prost::encoding::message::encoded_len(16, value),
                Self::Point(value) => ::prost::encoding::message::encoded_len(17, value),
                Self::End(value) => ::prost::encoding::message::encoded_len(18, value),
            }
        }
    }
}
/// InfoRequest asks for the UDF's edges and options.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct InfoRequest {}
impl ::prost::Message for InfoRequest {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {}
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// InfoResponse describes the UDF's edges and options.
#[derive(Clone, PartialEq, Default)]
pub struct InfoResponse {
    pub wants: i32,
    pub provides: i32,
    /// The key is the name of the option.
    pub options: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        OptionInfo,
    >,
}
impl ::prost::Message for InfoResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.wants != 0 {
            ::prost::encoding::int32::encode(1, &self.wants, buf);
        }
        if self.provides != 0 {
            ::prost::encoding::int32::encode(2, &self.provides, buf);
        }
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::message::encode,
            ::prost::encoding::message::encoded_len,
            3,
            &self.options,
            buf,
        );
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int32::merge(wire_type, &mut self.wants, buf, ctx)
                    .map_err(crate::shared::in_field("InfoResponse", "wants"))
            }
            2 => {
                ::prost::encoding::int32::merge(wire_type, &mut self.provides, buf, ctx)
                    .map_err(crate::shared::in_field("InfoResponse", "provides"))
            }
            3 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::message::merge,
                            &mut self.options,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("InfoResponse", "options"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.wants != 0 {
                ::prost::encoding::int32::encoded_len(1, &self.wants)
            } else {
                0
            }
            + if self.provides != 0 {
                ::prost::encoding::int32::encoded_len(2, &self.provides)
            } else {
                0
            }
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::message::encoded_len,
                3,
                &self.options,
            )
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
impl InfoResponse {
    /// Returns the enum value, or the default if the field is set to an invalid one.
    pub fn wants(&self) -> EdgeType {
        EdgeType::try_from(self.wants).unwrap_or_default()
    }
    /// Sets the field to the provided enum value.
    pub fn set_wants(&mut self, value: EdgeType) {
        self.wants = value as i32;
    }
    /// Returns the enum value, or the default if the field is set to an invalid one.
    pub fn provides(&self) -> EdgeType {
        EdgeType::try_from(self.provides).unwrap_or_default()
    }
    /// Sets the field to the provided enum value.
    pub fn set_provides(&mut self, value: EdgeType) {
        self.provides = value as i32;
    }
}
impl ::core::fmt::Debug for InfoResponse {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("InfoResponse")
            .field("wants", &crate::shared::by_name::<EdgeType>(&self.wants))
            .field("provides", &crate::shared::by_name::<EdgeType>(&self.provides))
            .field("options", &self.options)
            .finish()
    }
}
/// OptionInfo lists the types of the arguments of one call of an option.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct OptionInfo {
    pub value_types: ::prost::alloc::vec::Vec<i32>,
}
impl ::prost::Message for OptionInfo {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        ::prost::encoding::int32::encode_packed(1, &self.value_types, buf);
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int32::merge_repeated(
                        wire_type,
                        &mut self.value_types,
                        buf,
                        ctx,
                    )
                    .map_err(crate::shared::in_field("OptionInfo", "value_types"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0 + ::prost::encoding::int32::encoded_len_packed(1, &self.value_types)
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
impl OptionInfo {
    /// Returns an iterator which yields the valid enum values.
    pub fn value_types(&self) -> impl Iterator<Item = ValueType> {
        self.value_types.iter().filter_map(|value| ValueType::try_from(*value).ok())
    }
    /// Appends the provided enum value.
    pub fn push_value_types(&mut self, value: ValueType) {
        self.value_types.push(value as i32);
    }
}
impl ::core::fmt::Debug for OptionInfo {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("OptionInfo")
            .field(
                "value_types",
                &crate::shared::by_names::<ValueType>(&self.value_types),
            )
            .finish()
    }
}
/// InitRequest holds the options of the TICKscript.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct InitRequest {
    /// One for each call, in the order of the script.
    pub options: ::prost::alloc::vec::Vec<Option>,
    pub task_id: ::prost::alloc::string::String,
    pub node_id: ::prost::alloc::string::String,
}
impl ::prost::Message for InitRequest {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        ::prost::encoding::message::encode_repeated(1, &self.options, buf);
        if !self.task_id.is_empty() {
            ::prost::encoding::string::encode(2, &self.task_id, buf);
        }
        if !self.node_id.is_empty() {
            ::prost::encoding::string::encode(3, &self.node_id, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::message::merge_repeated(
                        wire_type,
                        &mut self.options,
                        buf,
                        ctx,
                    )
                    .map_err(crate::shared::in_field("InitRequest", "options"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.task_id, buf, ctx)
                    .map_err(crate::shared::in_field("InitRequest", "task_id"))
            }
            3 => {
                ::prost::encoding::string::merge(wire_type, &mut self.node_id, buf, ctx)
                    .map_err(crate::shared::in_field("InitRequest", "node_id"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0 + ::prost::encoding::message::encoded_len_repeated(1, &self.options)
            + if !self.task_id.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.task_id)
            } else {
                0
            }
            + if !self.node_id.is_empty() {
                ::prost::encoding::string::encoded_len(3, &self.node_id)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// Option is one call of an option.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Option {
    pub name: ::prost::alloc::string::String,
    pub values: ::prost::alloc::vec::Vec<OptionValue>,
}
impl ::prost::Message for Option {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.name.is_empty() {
            ::prost::encoding::string::encode(1, &self.name, buf);
        }
        ::prost::encoding::message::encode_repeated(2, &self.values, buf);
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::string::merge(wire_type, &mut self.name, buf, ctx)
                    .map_err(crate::shared::in_field("Option", "name"))
            }
            2 => {
                ::prost::encoding::message::merge_repeated(
                        wire_type,
                        &mut self.values,
                        buf,
                        ctx,
                    )
                    .map_err(crate::shared::in_field("Option", "values"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.name.is_empty() {
                ::prost::encoding::string::encoded_len(1, &self.name)
            } else {
                0
            } + ::prost::encoding::message::encoded_len_repeated(2, &self.values)
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// OptionValue is one argument of an option. A reference in TICKscript, "x", arrives as a BOOL
/// without a value.
#[derive(Clone, PartialEq, Default)]
pub struct OptionValue {
    pub r#type: i32,
    pub value: ::core::option::Option<option_value::Value>,
}
impl ::prost::Message for OptionValue {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.r#type != 0 {
            ::prost::encoding::int32::encode(1, &self.r#type, buf);
        }
        if let Some(value) = &self.value {
            value.encode(buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int32::merge(wire_type, &mut self.r#type, buf, ctx)
                    .map_err(crate::shared::in_field("OptionValue", "r#type"))
            }
            2 | 3 | 4 | 5 | 6 => {
                option_value::Value::merge(&mut self.value, tag, wire_type, buf, ctx)
                    .map_err(crate::shared::in_field("OptionValue", "value"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.r#type != 0 {
                ::prost::encoding::int32::encoded_len(1, &self.r#type)
            } else {
                0
            } + self.value.as_ref().map_or(0, option_value::Value::encoded_len)
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
impl OptionValue {
    /// Returns the enum value, or the default if the field is set to an invalid one.
    pub fn r#type(&self) -> ValueType {
        ValueType::try_from(self.r#type).unwrap_or_default()
    }
    /// Sets the field to the provided enum value.
    pub fn set_type(&mut self, value: ValueType) {
        self.r#type = value as i32;
    }
}
impl ::core::fmt::Debug for OptionValue {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("OptionValue")
            .field("r#type", &crate::shared::by_name::<ValueType>(&self.r#type))
            .field("value", &self.value)
            .finish()
    }
}
/// Nested message and enum types in `OptionValue`.
pub mod option_value {
    #[derive(Clone, PartialEq, Debug)]
    pub enum Value {
        BoolValue(bool),
        IntValue(i64),
        DoubleValue(f64),
        StringValue(::prost::alloc::string::String),
        /// Nanoseconds.
        DurationValue(i64),
    }
    impl Value {
        /// Encodes the message to a buffer.
        pub fn encode(&self, buf: &mut impl ::prost::bytes::BufMut) {
            match self {
                Self::BoolValue(value) => ::prost::encoding::bool::encode(2, value, buf),
                Self::IntValue(value) => ::prost::encoding::int64::encode(3, value, buf),
                Self::DoubleValue(value) => {
                    ::prost::encoding::double::encode(4, value, buf)
                }
                Self::StringValue(value) => {
                    ::prost::encoding::string::encode(5, value, buf)
                }
                Self::DurationValue(value) => {
                    ::prost::encoding::int64::encode(6, value, buf)
                }
            }
        }
        /// Decodes an instance of the message from a buffer, and merges it into self.
        pub fn merge(
            field: &mut ::core::option::Option<Self>,
            tag: u32,
            wire_type: ::prost::encoding::WireType,
            buf: &mut impl ::prost::bytes::Buf,
            ctx: ::prost::encoding::DecodeContext,
        ) -> ::core::result::Result<(), ::prost::DecodeError> {
            match tag {
                2 => {
                    if let Some(Self::BoolValue(value)) = field {
                        ::prost::encoding::bool::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::bool::merge(wire_type, &mut value, buf, ctx)
                            .map(|()| *field = Some(Self::BoolValue(value)))
                    }
                }
                3 => {
                    if let Some(Self::IntValue(value)) = field {
                        ::prost::encoding::int64::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::int64::merge(wire_type, &mut value, buf, ctx)
                            .map(|()| *field = Some(Self::IntValue(value)))
                    }
                }
                4 => {
                    if let Some(Self::DoubleValue(value)) = field {
                        ::prost::encoding::double::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::double::merge(wire_type, &mut value, buf, ctx)
                            .map(|()| *field = Some(Self::DoubleValue(value)))
                    }
                }
                5 => {
                    if let Some(Self::StringValue(value)) = field {
                        ::prost::encoding::string::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::string::merge(wire_type, &mut value, buf, ctx)
                            .map(|()| *field = Some(Self::StringValue(value)))
                    }
                }
                6 => {
                    if let Some(Self::DurationValue(value)) = field {
                        ::prost::encoding::int64::merge(wire_type, value, buf, ctx)
                    } else {
                        let mut value = ::core::default::Default::default();
                        ::prost::encoding::int64::merge(wire_type, &mut value, buf, ctx)
                            .map(|()| *field = Some(Self::DurationValue(value)))
                    }
                }
                _ => unreachable!("invalid Value tag: {tag}"),
            }
        }
        /// Returns the encoded length of the message without a length delimiter.
        #[inline]
        pub fn encoded_len(&self) -> usize {
            match self {
                Self::BoolValue(value) => ::prost::encoding::bool::encoded_len(2, value),
                Self::IntValue(value) => ::prost::encoding::int64::encoded_len(3, value),
                Self::DoubleValue(value) => {
                    ::prost::encoding::double::encoded_len(4, value)
                }
                Self::StringValue(value) => {
                    ::prost::encoding::string::encoded_len(5, value)
                }
                Self::DurationValue(value) => {
                    ::prost::encoding::int64::encoded_len(6, value)
                }
            }
        }
    }
}
/// InitResponse accepts the options or refuses them with a reason.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct InitResponse {
    pub success: bool,
    pub error: ::prost::alloc::string::String,
}
impl ::prost::Message for InitResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.success {
            ::prost::encoding::bool::encode(1, &self.success, buf);
        }
        if !self.error.is_empty() {
            ::prost::encoding::string::encode(2, &self.error, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::bool::merge(wire_type, &mut self.success, buf, ctx)
                    .map_err(crate::shared::in_field("InitResponse", "success"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.error, buf, ctx)
                    .map_err(crate::shared::in_field("InitResponse", "error"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.success {
                ::prost::encoding::bool::encoded_len(1, &self.success)
            } else {
                0
            }
            + if !self.error.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.error)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// SnapshotRequest asks for the state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct SnapshotRequest {}
impl ::prost::Message for SnapshotRequest {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {}
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// SnapshotResponse is the state, in an encoding that only the UDF knows.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct SnapshotResponse {
    pub snapshot: ::prost::alloc::vec::Vec<u8>,
}
impl ::prost::Message for SnapshotResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.snapshot.is_empty() {
            ::prost::encoding::bytes::encode(1, &self.snapshot, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::bytes::merge(wire_type, &mut self.snapshot, buf, ctx)
                    .map_err(crate::shared::in_field("SnapshotResponse", "snapshot"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.snapshot.is_empty() {
                ::prost::encoding::bytes::encoded_len(1, &self.snapshot)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// RestoreRequest holds the state of an earlier SnapshotResponse.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct RestoreRequest {
    pub snapshot: ::prost::alloc::vec::Vec<u8>,
}
impl ::prost::Message for RestoreRequest {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.snapshot.is_empty() {
            ::prost::encoding::bytes::encode(1, &self.snapshot, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::bytes::merge(wire_type, &mut self.snapshot, buf, ctx)
                    .map_err(crate::shared::in_field("RestoreRequest", "snapshot"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.snapshot.is_empty() {
                ::prost::encoding::bytes::encoded_len(1, &self.snapshot)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// RestoreResponse accepts the state or refuses it with a reason.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct RestoreResponse {
    pub success: bool,
    pub error: ::prost::alloc::string::String,
}
impl ::prost::Message for RestoreResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.success {
            ::prost::encoding::bool::encode(1, &self.success, buf);
        }
        if !self.error.is_empty() {
            ::prost::encoding::string::encode(2, &self.error, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::bool::merge(wire_type, &mut self.success, buf, ctx)
                    .map_err(crate::shared::in_field("RestoreResponse", "success"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.error, buf, ctx)
                    .map_err(crate::shared::in_field("RestoreResponse", "error"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.success {
                ::prost::encoding::bool::encoded_len(1, &self.success)
            } else {
                0
            }
            + if !self.error.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.error)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// KeepaliveRequest asks whether the UDF is alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct KeepaliveRequest {
    /// Nanoseconds since the epoch.
    pub time: i64,
}
impl ::prost::Message for KeepaliveRequest {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.time != 0 {
            ::prost::encoding::int64::encode(1, &self.time, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int64::merge(wire_type, &mut self.time, buf, ctx)
                    .map_err(crate::shared::in_field("KeepaliveRequest", "time"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.time != 0 {
                ::prost::encoding::int64::encoded_len(1, &self.time)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// KeepaliveResponse shows that the UDF is alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct KeepaliveResponse {
    /// The time of the request.
    pub time: i64,
}
impl ::prost::Message for KeepaliveResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.time != 0 {
            ::prost::encoding::int64::encode(1, &self.time, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int64::merge(wire_type, &mut self.time, buf, ctx)
                    .map_err(crate::shared::in_field("KeepaliveResponse", "time"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.time != 0 {
                ::prost::encoding::int64::encoded_len(1, &self.time)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// ErrorResponse ends the UDF and its task.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct ErrorResponse {
    pub error: ::prost::alloc::string::String,
}
impl ::prost::Message for ErrorResponse {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.error.is_empty() {
            ::prost::encoding::string::encode(1, &self.error, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::string::merge(wire_type, &mut self.error, buf, ctx)
                    .map_err(crate::shared::in_field("ErrorResponse", "error"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.error.is_empty() {
                ::prost::encoding::string::encoded_len(1, &self.error)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// BeginBatch opens a batch. The points until its EndBatch belong to it.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct BeginBatch {
    pub name: ::prost::alloc::string::String,
    pub group: ::prost::alloc::string::String,
    pub tags: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        ::prost::alloc::string::String,
    >,
    /// Number of points that follow, 0 if unknown.
    pub size: i64,
    pub by_name: bool,
}
impl ::prost::Message for BeginBatch {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.name.is_empty() {
            ::prost::encoding::string::encode(1, &self.name, buf);
        }
        if !self.group.is_empty() {
            ::prost::encoding::string::encode(2, &self.group, buf);
        }
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            3,
            &self.tags,
            buf,
        );
        if self.size != 0 {
            ::prost::encoding::int64::encode(4, &self.size, buf);
        }
        if self.by_name {
            ::prost::encoding::bool::encode(5, &self.by_name, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::string::merge(wire_type, &mut self.name, buf, ctx)
                    .map_err(crate::shared::in_field("BeginBatch", "name"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.group, buf, ctx)
                    .map_err(crate::shared::in_field("BeginBatch", "group"))
            }
            3 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::string::merge,
                            &mut self.tags,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("BeginBatch", "tags"))
            }
            4 => {
                ::prost::encoding::int64::merge(wire_type, &mut self.size, buf, ctx)
                    .map_err(crate::shared::in_field("BeginBatch", "size"))
            }
            5 => {
                ::prost::encoding::bool::merge(wire_type, &mut self.by_name, buf, ctx)
                    .map_err(crate::shared::in_field("BeginBatch", "by_name"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.name.is_empty() {
                ::prost::encoding::string::encoded_len(1, &self.name)
            } else {
                0
            }
            + if !self.group.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.group)
            } else {
                0
            }
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::string::encoded_len,
                3,
                &self.tags,
            )
            + if self.size != 0 {
                ::prost::encoding::int64::encoded_len(4, &self.size)
            } else {
                0
            }
            + if self.by_name {
                ::prost::encoding::bool::encoded_len(5, &self.by_name)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// Point is one measurement.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Point {
    /// Nanoseconds since the epoch.
    pub time: i64,
    pub name: ::prost::alloc::string::String,
    pub database: ::prost::alloc::string::String,
    pub retention_policy: ::prost::alloc::string::String,
    pub group: ::prost::alloc::string::String,
    /// Names of the tags that make up the group, in order.
    pub dimensions: ::prost::alloc::vec::Vec<::prost::alloc::string::String>,
    pub tags: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        ::prost::alloc::string::String,
    >,
    pub fields_double: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        f64,
    >,
    pub fields_int: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        i64,
    >,
    pub fields_string: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        ::prost::alloc::string::String,
    >,
    pub fields_bool: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        bool,
    >,
    pub by_name: bool,
}
impl ::prost::Message for Point {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if self.time != 0 {
            ::prost::encoding::int64::encode(1, &self.time, buf);
        }
        if !self.name.is_empty() {
            ::prost::encoding::string::encode(2, &self.name, buf);
        }
        if !self.database.is_empty() {
            ::prost::encoding::string::encode(3, &self.database, buf);
        }
        if !self.retention_policy.is_empty() {
            ::prost::encoding::string::encode(4, &self.retention_policy, buf);
        }
        if !self.group.is_empty() {
            ::prost::encoding::string::encode(5, &self.group, buf);
        }
        ::prost::encoding::string::encode_repeated(6, &self.dimensions, buf);
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            7,
            &self.tags,
            buf,
        );
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::double::encode,
            ::prost::encoding::double::encoded_len,
            8,
            &self.fields_double,
            buf,
        );
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::int64::encode,
            ::prost::encoding::int64::encoded_len,
            9,
            &self.fields_int,
            buf,
        );
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            10,
            &self.fields_string,
            buf,
        );
        if self.by_name {
            ::prost::encoding::bool::encode(11, &self.by_name, buf);
        }
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::bool::encode,
            ::prost::encoding::bool::encoded_len,
            12,
            &self.fields_bool,
            buf,
        );
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::int64::merge(wire_type, &mut self.time, buf, ctx)
                    .map_err(crate::shared::in_field("Point", "time"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.name, buf, ctx)
                    .map_err(crate::shared::in_field("Point", "name"))
            }
            3 => {
                ::prost::encoding::string::merge(wire_type, &mut self.database, buf, ctx)
                    .map_err(crate::shared::in_field("Point", "database"))
            }
            4 => {
                ::prost::encoding::string::merge(
                        wire_type,
                        &mut self.retention_policy,
                        buf,
                        ctx,
                    )
                    .map_err(crate::shared::in_field("Point", "retention_policy"))
            }
            5 => {
                ::prost::encoding::string::merge(wire_type, &mut self.group, buf, ctx)
                    .map_err(crate::shared::in_field("Point", "group"))
            }
            6 => {
                ::prost::encoding::string::merge_repeated(
                        wire_type,
                        &mut self.dimensions,
                        buf,
                        ctx,
                    )
                    .map_err(crate::shared::in_field("Point", "dimensions"))
            }
            7 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::string::merge,
                            &mut self.tags,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("Point", "tags"))
            }
            8 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::double::merge,
                            &mut self.fields_double,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("Point", "fields_double"))
            }
            9 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::int64::merge,
                            &mut self.fields_int,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("Point", "fields_int"))
            }
            10 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::string::merge,
                            &mut self.fields_string,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("Point", "fields_string"))
            }
            11 => {
                ::prost::encoding::bool::merge(wire_type, &mut self.by_name, buf, ctx)
                    .map_err(crate::shared::in_field("Point", "by_name"))
            }
            12 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::bool::merge,
                            &mut self.fields_bool,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("Point", "fields_bool"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if self.time != 0 {
                ::prost::encoding::int64::encoded_len(1, &self.time)
            } else {
                0
            }
            + if !self.name.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.name)
            } else {
                0
            }
            + if !self.database.is_empty() {
                ::prost::encoding::string::encoded_len(3, &self.database)
            } else {
                0
            }
            + if !self.retention_policy.is_empty() {
                ::prost::encoding::string::encoded_len(4, &self.retention_policy)
            } else {
                0
            }
            + if !self.group.is_empty() {
                ::prost::encoding::string::encoded_len(5, &self.group)
            } else {
                0
            } + ::prost::encoding::string::encoded_len_repeated(6, &self.dimensions)
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::string::encoded_len,
                7,
                &self.tags,
            )
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::double::encoded_len,
                8,
                &self.fields_double,
            )
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::int64::encoded_len,
                9,
                &self.fields_int,
            )
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::string::encoded_len,
                10,
                &self.fields_string,
            )
            + if self.by_name {
                ::prost::encoding::bool::encoded_len(11, &self.by_name)
            } else {
                0
            }
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::bool::encoded_len,
                12,
                &self.fields_bool,
            )
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// EndBatch closes a batch.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct EndBatch {
    pub name: ::prost::alloc::string::String,
    pub group: ::prost::alloc::string::String,
    /// Latest time that the batch covers, in nanoseconds since the epoch.
    pub tmax: i64,
    pub tags: ::prost::alloc::collections::BTreeMap<
        ::prost::alloc::string::String,
        ::prost::alloc::string::String,
    >,
    pub by_name: bool,
}
impl ::prost::Message for EndBatch {
    fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
        if !self.name.is_empty() {
            ::prost::encoding::string::encode(1, &self.name, buf);
        }
        if !self.group.is_empty() {
            ::prost::encoding::string::encode(2, &self.group, buf);
        }
        if self.tmax != 0 {
            ::prost::encoding::int64::encode(3, &self.tmax, buf);
        }
        ::prost::encoding::btree_map::encode(
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            ::prost::encoding::string::encode,
            ::prost::encoding::string::encoded_len,
            4,
            &self.tags,
            buf,
        );
        if self.by_name {
            ::prost::encoding::bool::encode(5, &self.by_name, buf);
        }
    }
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: ::prost::encoding::WireType,
        buf: &mut impl ::prost::bytes::Buf,
        ctx: ::prost::encoding::DecodeContext,
    ) -> ::core::result::Result<(), ::prost::DecodeError> {
        match tag {
            1 => {
                ::prost::encoding::string::merge(wire_type, &mut self.name, buf, ctx)
                    .map_err(crate::shared::in_field("EndBatch", "name"))
            }
            2 => {
                ::prost::encoding::string::merge(wire_type, &mut self.group, buf, ctx)
                    .map_err(crate::shared::in_field("EndBatch", "group"))
            }
            3 => {
                ::prost::encoding::int64::merge(wire_type, &mut self.tmax, buf, ctx)
                    .map_err(crate::shared::in_field("EndBatch", "tmax"))
            }
            4 => {
                ::prost::encoding::check_wire_type(
                        ::prost::encoding::WireType::LengthDelimited,
                        wire_type,
                    )
                    .and_then(|()| {
                        ::prost::encoding::btree_map::merge(
                            ::prost::encoding::string::merge,
                            ::prost::encoding::string::merge,
                            &mut self.tags,
                            buf,
                            ctx,
                        )
                    })
                    .map_err(crate::shared::in_field("EndBatch", "tags"))
            }
            5 => {
                ::prost::encoding::bool::merge(wire_type, &mut self.by_name, buf, ctx)
                    .map_err(crate::shared::in_field("EndBatch", "by_name"))
            }
            _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }
    #[inline]
    fn encoded_len(&self) -> usize {
        0
            + if !self.name.is_empty() {
                ::prost::encoding::string::encoded_len(1, &self.name)
            } else {
                0
            }
            + if !self.group.is_empty() {
                ::prost::encoding::string::encoded_len(2, &self.group)
            } else {
                0
            }
            + if self.tmax != 0 {
                ::prost::encoding::int64::encoded_len(3, &self.tmax)
            } else {
                0
            }
            + ::prost::encoding::btree_map::encoded_len(
                ::prost::encoding::string::encoded_len,
                ::prost::encoding::string::encoded_len,
                4,
                &self.tags,
            )
            + if self.by_name {
                ::prost::encoding::bool::encoded_len(5, &self.by_name)
            } else {
                0
            }
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
}
/// EdgeType is the kind of an edge, on which data arrives or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(i32)]
pub enum EdgeType {
    #[default]
    Stream = 0,
    Batch = 1,
}
impl EdgeType {
    /// Returns `true` if `value` is a variant of `EdgeType`.
    pub const fn is_valid(value: i32) -> bool {
        matches!(value, 0 | 1)
    }
}
impl ::core::convert::From<EdgeType> for i32 {
    fn from(value: EdgeType) -> i32 {
        value as i32
    }
}
impl ::core::convert::TryFrom<i32> for EdgeType {
    type Error = ::prost::UnknownEnumValue;
    fn try_from(value: i32) -> ::core::result::Result<Self, ::prost::UnknownEnumValue> {
        match value {
            0 => Ok(Self::Stream),
            1 => Ok(Self::Batch),
            _ => Err(::prost::UnknownEnumValue(value)),
        }
    }
}
impl EdgeType {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::Stream => "STREAM",
            Self::Batch => "BATCH",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "STREAM" => Some(Self::Stream),
            "BATCH" => Some(Self::Batch),
            _ => None,
        }
    }
}
/// ValueType is the type of one argument of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(i32)]
pub enum ValueType {
    #[default]
    Bool = 0,
    Int = 1,
    Double = 2,
    String = 3,
    Duration = 4,
}
impl ValueType {
    /// Returns `true` if `value` is a variant of `ValueType`.
    pub const fn is_valid(value: i32) -> bool {
        matches!(value, 0 | 1 | 2 | 3 | 4)
    }
}
impl ::core::convert::From<ValueType> for i32 {
    fn from(value: ValueType) -> i32 {
        value as i32
    }
}
impl ::core::convert::TryFrom<i32> for ValueType {
    type Error = ::prost::UnknownEnumValue;
    fn try_from(value: i32) -> ::core::result::Result<Self, ::prost::UnknownEnumValue> {
        match value {
            0 => Ok(Self::Bool),
            1 => Ok(Self::Int),
            2 => Ok(Self::Double),
            3 => Ok(Self::String),
            4 => Ok(Self::Duration),
            _ => Err(::prost::UnknownEnumValue(value)),
        }
    }
}
impl ValueType {
    /// String value of the enum field names used in the ProtoBuf definition.
    ///
    /// The values are not transformed in any way and thus are considered stable
    /// (if the ProtoBuf definition does not change) and safe for programmatic use.
    pub fn as_str_name(&self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Int => "INT",
            Self::Double => "DOUBLE",
            Self::String => "STRING",
            Self::Duration => "DURATION",
        }
    }
    /// Creates an enum from field names used in the ProtoBuf definition.
    pub fn from_str_name(value: &str) -> ::core::option::Option<Self> {
        match value {
            "BOOL" => Some(Self::Bool),
            "INT" => Some(Self::Int),
            "DOUBLE" => Some(Self::Double),
            "STRING" => Some(Self::String),
            "DURATION" => Some(Self::Duration),
            _ => None,
        }
    }
}
