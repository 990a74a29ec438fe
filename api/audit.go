package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// auditFilter is what the list of the audit can be narrowed to.
type auditFilter struct {
	Paged
	Person    string `query:"person" format:"uuid" doc:"Who acted" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e"`
	Operation string `query:"operation" maxLength:"60" doc:"Identifier of the operation" example:"member.suspend"`
	Subject   string `query:"subject" format:"uuid" doc:"On what or whom" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e"`
}

// auditView is a line of the audit.
type auditView struct {
	ID           string     `json:"id" format:"uuid"`
	At           time.Time  `json:"at"`
	Kind         audit.Kind `json:"kind" enum:"ACT,LOOK,EXPORT"`
	KindLabel    string     `json:"kind_label" example:"操作"`
	Operation    string     `json:"operation" example:"member.suspend"`
	Label        string     `json:"label" example:"停用账号"`
	PersonID     string     `json:"person_id,omitempty" format:"uuid" doc:"Who acted; absent where it was a command on the server"`
	Person       string     `json:"person,omitempty"`
	Roles        []roleView `json:"roles" nullable:"false" doc:"That the person wore at the time"`
	SubjectType  string     `json:"subject_type,omitempty" example:"person"`
	SubjectLabel string     `json:"subject_label,omitempty" example:"名册人员"`
	SubjectID    string     `json:"subject_id,omitempty" format:"uuid"`
	ForID        string     `json:"for_id,omitempty" format:"uuid" doc:"Whose act was recorded from paper"`
	For          string     `json:"for,omitempty"`
	Sealed       bool       `json:"sealed" doc:"Whether it stands in the chain already"`
}

var auditKinds = map[audit.Kind]string{audit.Act: "操作", audit.Look: "查看未遮挡信息", audit.Export: "导出"}

// auditSubjects are what people call the types of subjects.
var auditSubjects = map[string]string{
	"person": "名册人员", "suggestion": "微建议", "opinion": "社情民意", "proposal": "提案", "collection": "提案征集", "assignment": "承办任务", "handover": "交办会", "invitation": "邀请", "attachment": "附件", "unit": "单位", "group": "联络组", "sector": "界别", "rank": "职务排序", "roster": "名册",
	"term": "届次", "appointment": "任职", "setting": "设置", "holiday": "节假日", "template": "模板", "deadline": "期限", "message": "消息",
}

// commandLabels are what people call the commands of the server that are audited.
var commandLabels = map[string]string{"command.grant": "在服务器上设管理员"}

func (a *API) auditRoutes() {
	// Those who are recorded do not look after the record: the administrator
	// and the leaders read it.
	read(a, operation{
		id: "audit.list", method: http.MethodGet, path: "/v1/audit", summary: "操作记录，新的在前", tag: "操作记录",
		who: roles(member.PlatformAdmin, member.Leader), faults: []*fault.Fault{errCursor},
	}, a.listAudit)
}

func (a *API) listAudit(ctx context.Context, in *auditFilter) (page[auditView], error) {
	before, err := idCursor(in.After)
	if err != nil {
		return page[auditView]{}, err
	}
	for name, id := range map[string]string{"person": in.Person, "subject": in.Subject} {
		if id != "" && !store.IsID(id) {
			return page[auditView]{}, errInvalid.With(fault.Field{Path: "query." + name, Message: "编号格式不正确"})
		}
	}
	f := audit.Filter{PersonID: in.Person, Action: in.Operation, SubjectID: in.Subject}
	lines, err := a.audit.List(ctx, actorOf(ctx), f, before, in.Limit+1)
	return cut(lines, in.Limit, func(l audit.Line) string { return l.ID }, a.auditView), err
}

func (a *API) auditView(l audit.Line) auditView {
	v := auditView{
		ID: l.ID, At: local(l.At), Kind: l.Kind, KindLabel: auditKinds[l.Kind], Operation: l.Action, Label: a.labelOf(l.Action),
		PersonID: text(l.PersonID), Person: l.PersonName, Roles: []roleView{}, SubjectType: l.SubjectType,
		SubjectID: text(l.SubjectID), ForID: text(l.ActedFor), For: l.ForName, Sealed: l.Seq != nil,
	}
	noun, _, _ := strings.Cut(l.SubjectType, ":") // "setting:notify.quiet_hours"
	v.SubjectLabel = auditSubjects[noun]
	labels := member.Roles()
	labels[audit.Terminal] = "服务器终端"
	for _, r := range strings.FieldsFunc(l.Roles, func(c rune) bool { return c == ',' }) {
		v.Roles = append(v.Roles, roleView{member.Role(r), labels[member.Role(r)]})
	}
	return v
}

// labelOf is what people call an operation: its summary in the document.
func (a *API) labelOf(id string) string {
	if label, ok := commandLabels[id]; ok {
		return label
	}
	if label, ok := a.labels[id]; ok {
		return label
	}
	return id // of an earlier version of the program
}

// labelOperations collects the summaries of all operations, once all are there.
func (a *API) labelOperations() {
	a.labels = map[string]string{}
	for _, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				a.labels[op.OperationID] = op.Summary
			}
		}
	}
}
