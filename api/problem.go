package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"yanlu/internal/fault"
)

// The faults of the request itself.
var (
	errInternal      = fault.New(0, "internal", "系统出了点问题，我们已经记录下来，请稍后再试。您填写的内容请先保留。")
	errInvalid       = fault.New(fault.Invalid, "request.invalid", "有的内容填写不正确，请按提示修改后再提交。")
	errMalformed     = fault.New(fault.Malformed, "request.malformed", "提交的内容无法识别，请更新小程序后再试。")
	errNoKey         = fault.New(fault.Malformed, "request.no_key", "提交时缺少编号（Idempotency-Key），请更新小程序后再试。")
	errTooLarge      = fault.New(fault.TooLarge, "request.too_large", "提交的内容太大了，请删减后再试。")
	errMediaType     = fault.New(unsupported, "request.media_type", "只接受 JSON 格式的内容，请更新小程序后再试。")
	errCharacters    = fault.New(fault.Invalid, "request.characters", "内容中有看不见的控制字符，请删去后再提交。")
	errNotAcceptable = fault.New(notAcceptable, "request.not_acceptable", "只能返回 JSON 格式的内容。")
	errLimited       = fault.New(fault.Limited, "request.limited", "操作太频繁了，请稍等一会儿再试。")
	errForbidden     = fault.New(fault.Forbidden, "request.forbidden", "您没有这项权限。如需开通，请联系管理员。")
	errNoRoute       = fault.New(fault.NotFound, "request.no_route", "没有找到您要的内容。")
	errNoMethod      = fault.New(noMethod, "request.no_method", "不支持这种操作方式。")
	errTimeout       = fault.New(requestTimeout, "request.timeout", "网络太慢，内容没有传完，请重试。")
)

// Kinds that only HTTP knows.
const (
	unsupported fault.Kind = 100 + iota
	noMethod
	notAcceptable
	requestTimeout
)

// statusOf is the one place where faults become status codes.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case unsupported:
		return http.StatusUnsupportedMediaType
	case noMethod:
		return http.StatusMethodNotAllowed
	case notAcceptable:
		return http.StatusNotAcceptable
	case requestTimeout:
		return http.StatusRequestTimeout
	default:
		return http.StatusInternalServerError
	}
}

// Problem is the body of every error (RFC 9457). Its words are for members; it
// never carries a cause or a value that was typed.
type Problem struct {
	Type      string         `json:"type" doc:"Where the code is explained" example:"/docs/errors#matter.stale"`
	Title     string         `json:"title" doc:"What happened and what to do now, in Chinese, fit for a member"`
	Status    int            `json:"status" doc:"The HTTP status code"`
	Code      string         `json:"code" doc:"Stable code of the fault" example:"matter.stale"`
	Errors    []FieldProblem `json:"errors,omitempty" doc:"What is wrong with single fields"`
	RequestID string         `json:"request_id,omitempty" doc:"Quote it when asking for help"`
}

// FieldProblem is what is wrong with one field. The value is not repeated.
type FieldProblem struct {
	Field   string `json:"field" doc:"The field, as it was sent" example:"body.title"`
	Message string `json:"message" doc:"What is wrong, in Chinese"`
}

// Error returns the code, for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus returns the status code.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problemOf(ctx context.Context, f *fault.Fault) *Problem {
	p := &Problem{Type: "/docs/errors#" + f.Code, Title: f.Message, Status: statusOf(f.Kind), Code: f.Code, RequestID: requestID(ctx)}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: field.Path, Message: field.Message})
	}
	return p
}

// explain turns any error into a problem. A fault is shown; a cause is logged,
// here and only here, and shown to nobody.
func explain(ctx context.Context, log *slog.Logger, err error) *Problem {
	if f := fault.As(err); f != nil {
		if statusOf(f.Kind) >= http.StatusInternalServerError {
			log.ErrorContext(ctx, "request failed", "request_id", requestID(ctx), "code", f.Code, "error", err)
		}
		return problemOf(ctx, f)
	}
	if errors.Is(err, context.Canceled) {
		log.InfoContext(ctx, "request was given up", "request_id", requestID(ctx))
	} else {
		log.ErrorContext(ctx, "request failed", "request_id", requestID(ctx), "error", err)
	}
	return problemOf(ctx, errInternal)
}

var humaOnce sync.Once

// teachHuma makes Huma's own errors problems, in Chinese and without values.
// Huma keeps these as package variables; they are set once.
func teachHuma() {
	humaOnce.Do(func() {
		huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
			return humaProblem(context.Background(), status, errs)
		}
		huma.NewErrorWithContext = func(c huma.Context, status int, _ string, errs ...error) huma.StatusError {
			ctx := context.Background()
			if c != nil {
				ctx = c.Context()
			}
			return humaProblem(ctx, status, errs)
		}
		speakChinese()
	})
}

// humaProblem is for what Huma finds before a handler runs. A plain error can
// only be a mistake of ours and becomes a 500 without its text.
func humaProblem(ctx context.Context, status int, errs []error) *Problem {
	var f *fault.Fault
	switch status {
	case http.StatusUnprocessableEntity:
		f = errInvalid.With(fieldsOf(errs)...)
	case http.StatusBadRequest:
		f = errMalformed
	case http.StatusRequestEntityTooLarge:
		f = errTooLarge
	case http.StatusUnsupportedMediaType:
		f = errMediaType
	case http.StatusNotAcceptable:
		f = errNotAcceptable
	case http.StatusRequestTimeout:
		f = errTimeout
	default:
		f = errInternal
	}
	return problemOf(ctx, f)
}

func fieldsOf(errs []error) []fault.Field {
	var fields []fault.Field
	for _, err := range errs {
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		detail := d.ErrorDetail()
		fields = append(fields, fault.Field{Path: detail.Location, Message: speakable(detail.Message)})
	}
	return fields
}

// speakable lets only messages through that we have put into Chinese: others
// come from parsers and may repeat the value.
func speakable(message string) string {
	if strings.ContainsFunc(message, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
		return message
	}
	return "填写不正确"
}

func speakChinese() {
	validation.MsgUnexpectedProperty = "没有这一项"
	validation.MsgExpectedRFC3339DateTime = "时间格式不正确"
	validation.MsgExpectedRFC3339Date = "日期格式不正确"
	validation.MsgExpectedRFC4122UUID = "编号格式不正确%.0v"
	validation.MsgExpectedBoolean = "请选择是或否"
	validation.MsgExpectedNumber = "请填写数字"
	validation.MsgExpectedInteger = "请填写整数"
	validation.MsgExpectedString = "请填写文字"
	validation.MsgExpectedArray = "请填写列表"
	validation.MsgExpectedObject = "内容格式不正确"
	validation.MsgExpectedArrayItemsUnique = "不能重复"
	validation.MsgExpectedOneOf = "请从给出的选项中选择（%s）"
	validation.MsgExpectedMinimumNumber = "不能小于%v"
	validation.MsgExpectedMaximumNumber = "不能大于%v"
	validation.MsgExpectedMinLength = "至少填写%d个字"
	validation.MsgExpectedMaxLength = "最多填写%d个字"
	validation.MsgExpectedMatchPattern = "格式不正确%.0s"
	validation.MsgExpectedBePattern = "格式不正确%.0s"
	validation.MsgExpectedMinItems = "至少选择%d项"
	validation.MsgExpectedMaxItems = "最多选择%d项"
	validation.MsgExpectedRequiredProperty = "请填写%s"
}
