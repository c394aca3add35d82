package record

// FirstOwnCode and LastOwnCode bound the close codes that mean what a server
// and its clients agree on (RFC 6455, section 7.4.2).
const (
	FirstOwnCode = 4000
	LastOwnCode  = 4999
)

// CloseName returns what a close code of a WebSocket is called, in lower case
// as in "try again later"; empty where it has no name. Source: RFC 6455, sections
// 7.4.1 and 11.7, and the registry that it made, for what came after it (IANA,
// WebSocket Close Code Number Registry).
func CloseName(code int) string {
	switch code {
	case 1000:
		return "normal closure"
	case 1001:
		return "going away"
	case 1002:
		return "protocol error"
	case 1003:
		return "unsupported data"
	case 1004:
		return "reserved"
	case 1005:
		return "no status received"
	case 1006:
		return "abnormal closure"
	case 1007:
		return "invalid frame payload data"
	case 1008:
		return "policy violation"
	case 1009:
		return "message too big"
	case 1010:
		return "mandatory extension"
	case 1011:
		return "internal server error"
	case 1012:
		return "service restart"
	case 1013:
		return "try again later"
	case 1014:
		return "bad gateway"
	case 1015:
		return "TLS handshake"
	case 3000:
		return "unauthorized"
	case 3003:
		return "forbidden"
	case 3008:
		return "timeout"
	}
	return ""
}
