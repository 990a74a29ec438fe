package handling

import "yanlu/internal/workflow"

// DispatchInput assigns a matter to units.
type DispatchInput struct {
	workflow.Seen
	LeadUnitID  string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"主办单位" widget:"choice" options:"units" doc:"主办单位；受理时已拟定的可不填"`
	CoUnitIDs   []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"会办单位" widget:"choices" options:"units" doc:"会办单位，可不选，最多20个"`
	Days        int      `json:"working_days,omitempty" minimum:"0" maximum:"130" example:"10" label:"答复期限（工作日）" widget:"number" doc:"答复期限，按工作日计；不填为10个工作日"`
	Requirement string   `json:"requirement,omitempty" maxLength:"500" example:"请实地查看后答复。" label:"办理要求" widget:"textarea" doc:"办理要求，最多500字"`
}

// SignForInput is what a unit says when it signs for a matter.
type SignForInput struct {
	workflow.Seen
	HandlerName  string `json:"handler_name" minLength:"1" maxLength:"50" example:"阿依努尔·买买提" label:"经办人" widget:"text" doc:"经办人姓名"`
	HandlerPhone string `json:"handler_phone" minLength:"7" maxLength:"20" example:"0991-5550101" label:"联系电话" widget:"phone" doc:"联系电话，手机号或带区号的座机号"`
}

// OpinionInput is a co-unit's opinion for the lead unit.
type OpinionInput struct {
	workflow.Seen
	Body string `json:"body" minLength:"2" maxLength:"3000" example:"我单位同意配合，路灯电费由我单位承担。" label:"会办意见" widget:"textarea" doc:"会办意见，2到3000字，供主办单位参考，不直接发给委员"`
}

// ReplyInput is the lead unit's reply to the author.
type ReplyInput struct {
	workflow.Seen
	Outcome      Outcome  `json:"outcome" enum:"A,B,C" example:"A" label:"办理结果" widget:"choice" options:"outcomes" doc:"办理结果：A已解决或采纳，B正在解决或列入计划，C留作参考"`
	Body         string   `json:"body" minLength:"2" maxLength:"3000" example:"路灯已于本周修复，感谢您的建议。" label:"答复内容" widget:"textarea" doc:"答复内容，2到3000字"`
	ContactName  string   `json:"contact_name" minLength:"1" maxLength:"50" example:"阿依努尔·买买提" label:"联系人" widget:"text" doc:"联系人"`
	ContactPhone string   `json:"contact_phone" minLength:"7" maxLength:"20" example:"0991-5550101" label:"联系电话" widget:"phone" doc:"联系电话，手机号或带区号的座机号"`
	Way          Way      `json:"way" enum:"IN_PERSON,PHONE,VISIT,FORUM,NONE" example:"PHONE" label:"沟通方式" widget:"choice" options:"ways" doc:"与委员的沟通方式"`
	Files        []string `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，先上传再填写编号，可不选，最多9个"`
}

// PassInput lets a reply go to the author.
type PassInput struct{ workflow.Seen }

// SendBackInput sends a reply back to the unit, with what is to be mended.
type SendBackInput struct{ workflow.Reasoned }

// RateInput is the author's judgement.
type RateInput struct {
	workflow.Seen
	Attitude Grade  `json:"attitude" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"SATISFIED" label:"办理态度" widget:"choice" options:"grades" doc:"对办理态度：满意、基本满意、不满意"`
	Result   Grade  `json:"result" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"BASICALLY" label:"办理结果" widget:"choice" options:"grades" doc:"对办理结果：满意、基本满意、不满意"`
	Comment  string `json:"comment,omitempty" maxLength:"500" example:"办得快，谢谢。" label:"意见" widget:"textarea" doc:"其他意见，最多500字"`
}
