package opinion

import "yanlu/internal/workflow"

// Content is what an author writes. Lengths are in characters, after trimming; how
// long the three parts may be together is for the service to hold.
type Content struct {
	Title           string          `json:"title" minLength:"2" maxLength:"50" example:"关于改善农村留守老人就医取药的建议" label:"标题" widget:"text" doc:"标题，2到50字，一件只反映一件事"`
	Situation       string          `json:"situation" minLength:"2" maxLength:"1500" example:"近期走访了解到，我县农村留守老人就医取药不便，部分村卫生室常用药品不全。" label:"情况" widget:"textarea" doc:"情况：反映什么问题"`
	Analysis        string          `json:"analysis" minLength:"2" maxLength:"1500" example:"主要原因是村卫生室药品配送周期长，老人不会使用手机预约。" label:"分析" widget:"textarea" doc:"分析：原因在哪里"`
	Advice          string          `json:"advice" minLength:"2" maxLength:"1500" example:"建议由县医院每周巡诊送药，由村干部代为预约。" label:"建议" widget:"textarea" doc:"建议：怎么办。情况、分析、建议合起来30到1500字"`
	Category        string          `json:"category" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"HEALTH" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	Urgency         Urgency         `json:"urgency,omitempty" enum:"NORMAL,URGENT" example:"NORMAL" label:"急缓" widget:"choice" options:"urgencies" doc:"急事请选急，办公室会优先登记；不填为一般"`
	Confidentiality Confidentiality `json:"confidentiality,omitempty" enum:"INTERNAL,PUBLIC,SECRET" example:"INTERNAL" label:"密级" widget:"choice" options:"confidentialities" doc:"内部或可公开；不填为内部。涉密内容不能在这里提交"`
	CoAuthors       []string        `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员，提交后逐一征求本人同意"`
}

// SubmitInput is a report as it is handed in, or as staff record it from paper.
type SubmitInput struct {
	workflow.New
	Content
	Behalf
	OnBehalfOf string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员提交" widget:"person" doc:"联络员代委员提交时填写"`
	Pictures   []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"照片，先上传再填写编号，可不选，最多9张"`
}

// Unfinished is Content of which nothing is due yet.
type Unfinished struct {
	Title           string          `json:"title,omitempty" maxLength:"50" example:"关于改善农村留守老人就医取药的建议" label:"标题" widget:"text" doc:"标题，最多50字"`
	Situation       string          `json:"situation,omitempty" maxLength:"1500" example:"村卫生室常用药品不全" label:"情况" widget:"textarea" doc:"情况"`
	Analysis        string          `json:"analysis,omitempty" maxLength:"1500" example:"配送周期长" label:"分析" widget:"textarea" doc:"分析"`
	Advice          string          `json:"advice,omitempty" maxLength:"1500" example:"每周巡诊送药" label:"建议" widget:"textarea" doc:"建议"`
	Category        string          `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"HEALTH" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	Urgency         Urgency         `json:"urgency,omitempty" enum:"NORMAL,URGENT" example:"NORMAL" label:"急缓" widget:"choice" options:"urgencies" doc:"急缓"`
	Confidentiality Confidentiality `json:"confidentiality,omitempty" enum:"INTERNAL,PUBLIC,SECRET" example:"INTERNAL" label:"密级" widget:"choice" options:"confidentialities" doc:"内部或可公开；涉密内容不能在这里起草"`
	CoAuthors       []string        `json:"co_author_ids,omitempty" maxItems:"20" format:"uuid" label:"联名人" widget:"people" options:"members" doc:"联名的委员"`
}

// DraftInput is a report that is not finished. Nothing is due in it.
type DraftInput struct {
	workflow.New
	Unfinished
	Behalf
	OnBehalfOf string   `json:"on_behalf_of,omitempty" maxLength:"36" example:"" label:"代哪位委员起草" widget:"person" doc:"联络员代委员起草时填写"`
	Pictures   []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"照片，先上传再填写编号，可不选，最多9张"`
}

// SaveInput keeps a draft as it stands now.
type SaveInput struct {
	workflow.Seen
	Unfinished
	Behalf
	Pictures []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"现在应有的全部照片，按顺序；不填则不变，最多9张"`
}

// SendInput hands a draft in, or what was returned, as it stands now.
type SendInput struct {
	workflow.Seen
	Content
	Behalf
	Pictures []string `json:"pictures,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片" widget:"pictures" doc:"现在应有的全部照片，按顺序；不填则不变，最多9张"`
}

// RegisterInput registers and classifies a report. What is left out stays as the
// author has it.
type RegisterInput struct {
	workflow.Seen
	Category        string          `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"HEALTH" label:"类别" widget:"choice" options:"categories" doc:"确认后的类别，不填则不变"`
	Urgency         Urgency         `json:"urgency,omitempty" enum:"NORMAL,URGENT" example:"NORMAL" label:"急缓" widget:"choice" options:"urgencies" doc:"确认后的急缓，不填则不变"`
	Confidentiality Confidentiality `json:"confidentiality,omitempty" enum:"INTERNAL,PUBLIC" example:"INTERNAL" label:"密级" widget:"choice" options:"confidentialities" doc:"确认后的密级，不填则不变"`
}

// ReturnInput sends a report back to its author, with what to add.
type ReturnInput struct{ workflow.Reasoned }

// KeepInput keeps a report on file (留存): it is not used now.
type KeepInput struct{ workflow.Reasoned }

// UrgencyInput says that a report is urgent, or that it is not.
type UrgencyInput struct {
	workflow.Seen
	Urgency Urgency `json:"urgency" enum:"NORMAL,URGENT" example:"URGENT" label:"急缓" widget:"choice" options:"urgencies" doc:"一般或急；正在走的期限从现在起按新的急缓计算"`
}

// VerifyInput has the facts looked into, by the office or by a committee.
type VerifyInput struct {
	workflow.Seen
	CommitteeID string `json:"committee_id,omitempty" maxLength:"36" example:"" label:"由哪个专委会核实" widget:"choice" options:"leading_units" doc:"由哪个专委会核实；不填由办公室自己核实"`
	Points      string `json:"points,omitempty" maxLength:"500" example:"请核实药品配送的周期和涉及的村数。" label:"核实要点" widget:"textarea" phrases:"yes" doc:"要核实什么，可不填"`
}

// FindingsInput says what was found.
type FindingsInput struct {
	workflow.Seen
	Findings string   `json:"findings" minLength:"2" maxLength:"2000" example:"经走访三个村核实，情况属实，涉及老人一百二十余人。" label:"核实情况" widget:"textarea" phrases:"yes" doc:"核实情况，2到2000字，只有编办人员看得到"`
	Files    []string `json:"files,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"照片和文件" widget:"files" doc:"照片和文件，先上传再填写编号，可不选，最多9个"`
}

// EditInput is the next version of the edited text.
type EditInput struct {
	workflow.Seen
	Title     string    `json:"title" minLength:"2" maxLength:"50" example:"农村留守老人就医取药难亟待重视" label:"标题" widget:"text" doc:"编辑稿的标题，2到50字"`
	Situation string    `json:"situation" minLength:"2" maxLength:"3000" example:"政协委员反映，我县部分村卫生室常用药品不全，留守老人就医取药不便。" label:"情况" widget:"textarea" doc:"情况"`
	Analysis  string    `json:"analysis,omitempty" maxLength:"3000" example:"主要原因是药品配送周期长，老人不会使用手机预约。" label:"分析" widget:"textarea" doc:"分析"`
	Advice    string    `json:"advice,omitempty" maxLength:"3000" example:"建议由县医院每周巡诊送药，由村干部代为预约。" label:"建议" widget:"textarea" doc:"建议。合起来单篇最多1500字，综合和专报最多3000字"`
	IssueType IssueType `json:"issue_type" enum:"SINGLE,COMPOSITE,SPECIAL" example:"SINGLE" label:"刊物类型" widget:"choice" options:"issue_types" doc:"单篇、综合、专报"`
	IssueNo   string    `json:"issue_no,omitempty" maxLength:"30" example:"" label:"期号" widget:"text" doc:"期号；不填则签发时按年度顺序编"`
	Note      string    `json:"note,omitempty" maxLength:"200" example:"压缩了情况部分，补充了人数。" label:"修改说明" widget:"textarea" doc:"改了什么，可不填"`
}

// SendForSignInput sends a report for sign-off (送审签).
type SendForSignInput struct {
	workflow.Seen
	Note string `json:"note,omitempty" maxLength:"200" example:"请审签，拟报市政协和县委办。" label:"送签说明" widget:"textarea" phrases:"yes" doc:"拟报送哪里等，可不填"`
}

// SignInput signs a report off (签发).
type SignInput struct {
	workflow.Seen
	Opinion string `json:"opinion,omitempty" maxLength:"500" example:"同意报送。" label:"审签意见" widget:"textarea" phrases:"yes" doc:"审签意见，可不填"`
}

// SendBackInput sends a report back to its editors, with what to change.
type SendBackInput struct{ workflow.Reasoned }

// ReportInput says to whom a report goes: to one recipient, and at the same time to
// others.
type ReportInput struct {
	workflow.Seen
	Recipient
	More []Recipient `json:"more,omitempty" maxItems:"19" example:"[]" label:"同时报送" widget:"rows" doc:"同时报送的其他单位，每行一个；不填日期的与第一个相同"`
}

// Recipient is one to whom a report goes.
type Recipient struct {
	Organ      string `json:"organ" minLength:"2" maxLength:"50" example:"市政协办公室" label:"报送单位" widget:"text" doc:"报送到哪个机关"`
	Level      Level  `json:"level" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION" example:"PREFECTURE" label:"层级" widget:"choice" options:"levels" doc:"报送单位的层级"`
	Date       string `json:"date,omitempty" maxLength:"10" example:"2026-03-03" label:"报送日期" widget:"date" doc:"报送日期，不填为今天"`
	DocumentNo string `json:"document_no,omitempty" maxLength:"50" example:"政协办信〔2026〕5号" label:"文号" widget:"text" doc:"我方文号，可不填"`
}

// ReceiptInput says under which number a recipient keeps a report.
type ReceiptInput struct {
	workflow.Seen
	Fact      int    `json:"fact" minimum:"1" maximum:"200" example:"1" label:"第几条报送" widget:"number" doc:"报送记录的序号"`
	ReceiptNo string `json:"receipt_no" minLength:"1" maxLength:"50" example:"市政协2026-118" label:"对方编号" widget:"text" doc:"对方给的编号"`
}

// AdoptionInput says who took a report up.
type AdoptionInput struct {
	workflow.Seen
	Adopter     string `json:"adopter" minLength:"2" maxLength:"50" example:"市政协" label:"采用单位" widget:"text" doc:"哪个机关采用"`
	Level       Level  `json:"level" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION" example:"PREFECTURE" label:"层级" widget:"choice" options:"levels" doc:"采用单位的层级"`
	Form        Form   `json:"form,omitempty" enum:"WHOLE,PART,AWARD" example:"WHOLE" label:"采用方式" widget:"choice" options:"adoption_forms" doc:"单篇采用、综合采用或评优获奖；不填为单篇采用"`
	Publication string `json:"publication,omitempty" maxLength:"100" example:"《社情民意》第12期" label:"刊物或奖项" widget:"text" doc:"哪个刊物哪一期，或什么奖项，可不填"`
	Date        string `json:"date,omitempty" maxLength:"10" example:"2026-03-03" label:"采用日期" widget:"date" doc:"采用日期，不填为今天"`
}

// InstructionInput says that a leader wrote on a report (批示). Its words and its
// scan are kept only where the institution has switched that on.
type InstructionInput struct {
	workflow.Seen
	Leader string   `json:"leader" minLength:"2" maxLength:"50" example:"县委书记周明德" label:"批示领导" widget:"text" doc:"哪位领导"`
	Rank   Level    `json:"rank" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION" example:"COUNTY" label:"领导层级" widget:"choice" options:"levels" doc:"领导所在的层级"`
	Date   string   `json:"date,omitempty" maxLength:"10" example:"2026-03-03" label:"批示日期" widget:"date" doc:"批示日期，不填为今天"`
	Number string   `json:"number,omitempty" maxLength:"50" example:"批〔2026〕7号" label:"批示编号" widget:"text" doc:"批示编号，可不填"`
	Units  []string `json:"unit_ids,omitempty" maxItems:"20" format:"uuid" label:"批示要求办理的单位" widget:"choices" options:"units" doc:"批示要求哪些单位办理，可不选；交办请用“转办”"`
	Text   string   `json:"text,omitempty" maxLength:"2000" example:"" label:"批示内容" widget:"textarea" doc:"本单位开启了保存批示内容才能填写，只有办公室和领导看得到"`
	Scans  []string `json:"scans,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"批示扫描件" widget:"files" doc:"本单位开启了保存批示内容才能上传，只有办公室和领导看得到"`
}

// RevokeInput takes back a fact that was entered wrongly. It stays to be read, as
// taken back.
type RevokeInput struct {
	workflow.Reasoned
	Sort Sort `json:"sort" enum:"DISPATCH,ADOPTION,INSTRUCTION" example:"DISPATCH" label:"更正哪一类" widget:"choice" options:"facts" doc:"报送、采用还是批示"`
	Fact int  `json:"fact" minimum:"1" maximum:"200" example:"1" label:"第几条" widget:"number" doc:"这一类里的序号"`
}

// CloseInput ends a report that no unit has to answer.
type CloseInput struct {
	workflow.Seen
	Result string `json:"result" minLength:"2" maxLength:"1000" example:"已被市政协采用，县卫健委已安排巡诊。" label:"最终结果" widget:"textarea" phrases:"yes" doc:"最终结果，会告诉作者"`
}

// ArchiveInput files a report away.
type ArchiveInput struct{ workflow.Seen }
