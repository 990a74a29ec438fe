package handling

import "yanlu/internal/workflow"

// DispatchInput assigns a matter to units.
type DispatchInput struct {
	workflow.Seen
	LeadUnitID  string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"主办单位" widget:"choice" options:"units" unless:"co_unit_ids" doc:"主办单位；受理时已拟定的可不填"`
	CoUnitIDs   []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"会办单位" widget:"choices" options:"units" unless:"lead_unit_id" doc:"会办单位，可不选，最多20个"`
	Days        int      `json:"working_days,omitempty" minimum:"0" maximum:"130" example:"10" label:"答复期限（工作日）" widget:"number" doc:"答复期限，按工作日计；不填则按本单位的规定，默认10个工作日"`
	LetterNo    string   `json:"letter_no,omitempty" maxLength:"30" example:"" label:"转办函号" widget:"text" doc:"转办函号，不填则按年度顺序编"`
	Requirement string   `json:"requirement,omitempty" maxLength:"500" example:"请实地查看后答复。" label:"办理要求" widget:"textarea" phrases:"yes" doc:"办理要求，最多500字"`
}

// HandOverInput is DispatchInput for kinds that are handed over in a mode.
type HandOverInput struct {
	DispatchInput
	Mode    Mode   `json:"mode,omitempty" enum:"SOLE,LEAD_CO,SEPARATE" example:"LEAD_CO" label:"办理方式" widget:"choice" options:"modes" doc:"独办、主办会办、分办；分办的，主办和会办栏里的单位各自答复。不填：有会办单位的为主办会办，否则为独办"`
	Due     string `json:"due_date,omitempty" maxLength:"10" example:"" label:"答复截止日期" widget:"date" doc:"统一规定了答复日期的填写，如2026-06-30；填了工作日的不填"`
	Meeting string `json:"meeting,omitempty" maxLength:"50" example:"2026年提案交办会" label:"交办会" widget:"text" doc:"在交办会上交办的，写明会议名称；同一会议的进入同一份交办清单"`
	MetOn   string `json:"met_on,omitempty" maxLength:"10" example:"" label:"交办会日期" widget:"date" doc:"交办会的日期，不填为当天"`
}

// AddUnitInput gives a matter that is being handled to one more unit.
type AddUnitInput struct {
	workflow.Seen
	UnitID      string `json:"unit_id" format:"uuid" label:"增加哪个单位" widget:"choice" options:"units" doc:"增加的单位：分办的各自答复，其他的为会办单位"`
	Requirement string `json:"requirement,omitempty" maxLength:"500" example:"请就经费提出意见。" label:"办理要求" widget:"textarea" phrases:"yes" doc:"办理要求，最多500字"`
}

// SignForInput is what a unit says when it signs for a matter.
type SignForInput struct {
	workflow.Seen
	HandlerName  string `json:"handler_name" minLength:"1" maxLength:"50" example:"阿依努尔·买买提" label:"经办人" widget:"text" again:"yes" doc:"经办人姓名"`
	HandlerPhone string `json:"handler_phone" minLength:"7" maxLength:"20" example:"0991-5550101" label:"联系电话" widget:"phone" again:"yes" doc:"联系电话，手机号或带区号的座机号"`
}

// OpinionInput is a co-unit's opinion for the lead unit.
type OpinionInput struct {
	workflow.Seen
	Body string `json:"body" minLength:"2" maxLength:"3000" example:"我单位同意配合，路灯电费由我单位承担。" label:"会办意见" widget:"textarea" phrases:"yes" doc:"会办意见，2到3000字，供主办单位参考，不直接发给委员"`
}

// ReplyInput is the lead unit's reply to the author.
type ReplyInput struct {
	workflow.Seen
	Outcome      string   `json:"outcome" minLength:"1" maxLength:"4" example:"A" label:"办理结果" widget:"choice" options:"outcomes" doc:"办理结果的代码，如A；各单位的列表见 GET /v1/outcomes"`
	Body         string   `json:"body" minLength:"2" maxLength:"3000" example:"路灯已于本周修复，感谢您的建议。" label:"答复内容" widget:"textarea" phrases:"yes" doc:"答复内容，2到3000字"`
	ContactName  string   `json:"contact_name" minLength:"1" maxLength:"50" example:"阿依努尔·买买提" label:"联系人" widget:"text" again:"yes" doc:"联系人"`
	ContactPhone string   `json:"contact_phone" minLength:"7" maxLength:"20" example:"0991-5550101" label:"联系电话" widget:"phone" again:"yes" doc:"联系电话，手机号或带区号的座机号"`
	Way          Way      `json:"way,omitempty" enum:"IN_PERSON,PHONE,VISIT,FORUM,NONE" example:"PHONE" label:"沟通方式" widget:"choice" again:"yes" options:"ways" hint:"不选的，按登记过的沟通情况；没有登记的，记为未沟通。" doc:"与委员的沟通方式，可不填：按登记过的沟通情况，没有登记的记为未沟通"`
	Files        []string `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，先上传再填写编号，可不选，最多9个"`
}

// LetterInput is ReplyInput for kinds whose answers are letters that a leader of
// the unit signs.
type LetterInput struct {
	ReplyInput
	Signer     string          `json:"signer" minLength:"1" maxLength:"50" example:"马建设" label:"签发人" widget:"text" again:"yes" doc:"签发答复函的负责人"`
	DocumentNo string          `json:"document_no,omitempty" maxLength:"50" example:"言住建函〔2026〕12号" label:"文号" widget:"text" doc:"答复函的文号，可不填"`
	Public     bool            `json:"public,omitempty" example:"false" label:"答复可以公开" widget:"switch" doc:"承办单位是否同意公开答复"`
	Originals  []OriginalInput `json:"originals,omitempty" maxItems:"50" example:"[]" label:"分别答复" widget:"originals" doc:"并案办理的，可以对每件原提案分别答复；没有写到的，用同一份答复"`
}

// OriginalInput is the answer to one matter that was merged into the one at hand.
type OriginalInput struct {
	MatterID   string `json:"matter_id" format:"uuid" label:"原提案" doc:"并入的那一件"`
	Body       string `json:"body" minLength:"2" maxLength:"3000" example:"您提出的坡道改造已列入今年计划。" label:"答复内容" doc:"答复内容，2到3000字"`
	Outcome    string `json:"outcome,omitempty" maxLength:"4" example:"B" label:"办理结果" doc:"办理结果，不填则与整件相同"`
	DocumentNo string `json:"document_no,omitempty" maxLength:"50" example:"言住建函〔2026〕13号" label:"文号" doc:"文号，不填则与整件相同"`
}

// PassInput lets a reply go to the author.
type PassInput struct{ workflow.Seen }

// SendBackInput sends a reply back to the unit, with what is to be mended.
type SendBackInput struct{ workflow.Reasoned }

// RateInput is the author's judgement.
type RateInput struct {
	workflow.Seen
	Attitude Grade  `json:"attitude" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"SATISFIED" label:"办理态度" widget:"choice" options:"grades" doc:"对办理态度：满意、基本满意、不满意"`
	Result   Grade  `json:"result" enum:"SATISFIED,BASICALLY" example:"BASICALLY" label:"办理结果" widget:"choice" options:"results" hint:"不满意的，请返回，用“对办理结果不满意”。" doc:"对办理结果：满意、基本满意；不满意的请用“对办理结果不满意”"`
	Comment  string `json:"comment,omitempty" maxLength:"500" example:"办得快，谢谢。" label:"意见" widget:"textarea" doc:"其他意见，最多500字"`
}

// RateOriginalInput is the judgement of the first author of a matter that was
// merged into another (征询意见表).
type RateOriginalInput struct {
	workflow.Seen
	Attitude Grade  `json:"attitude" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"SATISFIED" label:"办理态度" widget:"choice" options:"grades" doc:"对办理态度：满意、基本满意、不满意"`
	Result   Grade  `json:"result" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"BASICALLY" label:"办理结果" widget:"choice" options:"grades" doc:"对办理结果：满意、基本满意、不满意"`
	Comment  string `json:"comment,omitempty" maxLength:"500" example:"答复清楚，希望早日实施。" label:"意见" widget:"textarea" doc:"意见，最多500字；对办理结果不满意的必须填写"`
}

// OnMerged says that the action is on what was merged into another.
func (RateOriginalInput) OnMerged() {}

// MarkInput is the mark of one side for the other (双向评议): 90 and more is 优秀,
// from 75 良好, from 60 一般, else 较差.
type MarkInput struct {
	workflow.Seen
	Score   int    `json:"score" minimum:"0" maximum:"100" example:"92" label:"评分" widget:"number" doc:"0到100分：90分以上优秀，75到89分良好，60到74分一般，60分以下较差"`
	Comment string `json:"comment,omitempty" maxLength:"500" example:"调研深入，建议具体。" label:"评语" widget:"textarea" phrases:"yes" doc:"评语，可不填；双方都提交后，或期限到后，对方看得到"`
}

// FollowUpInput is what has come, by the year after, of what was being solved.
type FollowUpInput struct {
	workflow.Seen
	Result  string `json:"result" minLength:"2" maxLength:"500" example:"坡道已全部建成，现场核实属实。" label:"跟踪结果" widget:"textarea" phrases:"yes" doc:"跟踪检查的结果，2到500字，会告诉提出人"`
	Outcome string `json:"outcome,omitempty" maxLength:"4" example:"A" label:"现在的办理结果" widget:"choice" options:"outcomes" doc:"办理结果有变的填写新的代码，如B改为A；不填则不变"`
}

// ObjectInput says that the result does not satisfy the author, and why.
type ObjectInput struct {
	workflow.Reasoned
	Attitude Grade `json:"attitude" enum:"SATISFIED,BASICALLY,DISSATISFIED" example:"BASICALLY" label:"办理态度" widget:"choice" options:"grades" doc:"对办理态度：满意、基本满意、不满意"`
}

// RehandleInput begins another round: with the units of the one before, or with
// those that are named. Co-units that are left out are the same; none, where an
// empty list is given. Where each unit answered by itself, those that are named in
// either field handle it again, each by itself; all of them, where none is.
type RehandleInput struct {
	workflow.Reasoned
	LeadUnitID string   `json:"lead_unit_id,omitempty" maxLength:"36" label:"主办单位" widget:"choice" options:"units" unless:"co_unit_ids" doc:"主办单位；不填则仍由上一轮的主办单位办理。上一轮分办的，主办和会办栏里的单位重新办理，各自答复；都不填则全部重新办理"`
	CoUnitIDs  []string `json:"co_unit_ids,omitempty" maxItems:"20" format:"uuid" label:"会办单位" widget:"choices" options:"units" unless:"lead_unit_id" doc:"会办单位，最多20个；不填则仍为上一轮的会办单位，空列表为不再会办"`
	Days       int      `json:"working_days,omitempty" minimum:"0" maximum:"130" example:"10" label:"答复期限（工作日）" widget:"number" doc:"答复期限，按工作日计；不填则按本单位的规定，默认10个工作日"`
}

// UpholdInput lets the answer stand.
type UpholdInput struct{ workflow.Reasoned }

// CloseWithoutRatingInput closes what nobody rated in time.
type CloseWithoutRatingInput struct {
	workflow.Seen
	Note string `json:"note,omitempty" maxLength:"200" example:"7月3日电话联系，本人表示不再填写。" label:"说明" widget:"textarea" doc:"说明，可不填，提出人看得到"`
}

// ConfirmRatingInput lets the units see the rating, without its comment.
type ConfirmRatingInput struct{ workflow.Seen }

// AskUrgeInput is an author's wish that the unit be urged; staff decide.
type AskUrgeInput struct {
	workflow.Seen
	Note string `json:"note,omitempty" maxLength:"200" example:"已经半个月没有消息了。" label:"说明" widget:"textarea" doc:"说明，可不填"`
}

// UrgeInput urges a unit.
type UrgeInput struct {
	workflow.Seen
	Note string `json:"note,omitempty" maxLength:"200" example:"请抓紧办理，按期答复。" label:"催办内容" widget:"textarea" phrases:"yes" doc:"催办内容，可不填"`
}

// AskReturnInput is a unit's wish to be released (申退).
type AskReturnInput struct {
	workflow.Reasoned
	BetterUnit string `json:"better_unit,omitempty" maxLength:"50" example:"县城管局" label:"建议承办单位" widget:"text" doc:"认为应由哪个单位办理，可不填"`
}

// RefuseReturnInput leaves the matter with the unit.
type RefuseReturnInput struct{ workflow.Reasoned }

// AllowReturnInput releases the unit.
type AllowReturnInput struct {
	workflow.Seen
	UnitID string `json:"unit_id,omitempty" maxLength:"36" label:"改由哪个单位办理" widget:"choice" options:"units" doc:"改由哪个单位办理；主办单位退回而这里不填的，事项回到待转办"`
}

// ProgressInput tells the authors how far it is.
type ProgressInput struct {
	workflow.Seen
	Text    string   `json:"text" minLength:"2" maxLength:"500" example:"已完成现场勘查，下周更换灯具。" label:"进展" widget:"textarea" phrases:"yes" doc:"办理进展，2到500字，委员看得到"`
	Percent int      `json:"percent,omitempty" minimum:"0" maximum:"100" example:"50" label:"完成进度（%）" widget:"number" doc:"完成进度，百分比，可不填"`
	Files   []string `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，委员看得到；先上传再填写编号，可不选，最多9个"`
}

// ContactInput says how the unit spoke with the author.
type ContactInput struct {
	workflow.Seen
	Way     Way    `json:"way" enum:"IN_PERSON,PHONE,VISIT,FORUM" example:"VISIT" label:"沟通方式" widget:"choice" again:"yes" options:"ways" doc:"沟通方式"`
	Summary string `json:"summary" minLength:"2" maxLength:"500" example:"到现场听取了委员意见，委员同意分两批更换。" label:"沟通内容" widget:"textarea" phrases:"yes" doc:"沟通内容，2到500字"`
}

// AskExtensionInput is a unit's wish for more time: some working days more, or up
// to a day.
type AskExtensionInput struct {
	workflow.Reasoned
	Days  int    `json:"working_days,omitempty" minimum:"0" maximum:"130" example:"5" label:"延期（工作日）" widget:"number" doc:"延长几个工作日，或填写延到哪一天；最多延多久由本单位设置"`
	Until string `json:"until,omitempty" maxLength:"10" example:"" label:"延到哪一天" widget:"date" doc:"延到哪一天，如2026-07-15；填了延长几个工作日的不填"`
}

// GrantExtensionInput grants the time that was asked for.
type GrantExtensionInput struct{ workflow.Seen }

// RefuseExtensionInput lets the time stand.
type RefuseExtensionInput struct{ workflow.Reasoned }
