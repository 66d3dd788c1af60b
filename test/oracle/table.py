"""The operations whose OpInfo samples are recorded, family by family, each with PyTorch's signature.

The signature tells which arguments are required (positional in Tenzo) and which optional (by name); a parameter
with a star takes Python's varargs and becomes one list. An entry is `name(signature)`; a variant of OpInfo that
needs another signature is `name@variant(signature)`. `input` is the receiver of the method form.
"""

FAMILIES = {}

FAMILIES['unary'] = '''
abs(input) acos(input) acosh(input) asin(input) asinh(input) atan(input) atanh(input) ceil(input) cos(input)
cosh(input) deg2rad(input) digamma(input) erf(input) erfc(input) erfinv(input) exp(input) exp2(input) expm1(input)
floor(input) frac(input) isfinite(input) isinf(input) isnan(input) isneginf(input) isposinf(input) lgamma(input)
log(input) log10(input) log1p(input) log2(input) logical_not(input) neg(input) positive(input) rad2deg(input)
reciprocal(input) round(input,*,decimals=0) rsqrt(input) sigmoid(input) sign(input) sgn(input) signbit(input)
sin(input) sinc(input) sinh(input) sqrt(input) square(input) tan(input) tanh(input) trunc(input) bitwise_not(input)
nan_to_num(input,nan=0.0,posinf=None,neginf=None) logit(input,eps=None) i0(input)
special.entr(input) special.ndtr(input) special.ndtri(input) special.log_ndtr(input) special.i0e(input) special.i1(input) special.i1e(input)
special.erfcx(input) mvlgamma(input,p) frexp(input)
clone(input) contiguous(input) nn.functional.relu(input,inplace=False) nn.functional.relu6(input,inplace=False)
nn.functional.gelu(input,*,approximate='none') nn.functional.silu(input,inplace=False) nn.functional.mish(input,inplace=False)
nn.functional.elu(input,alpha=1.0,inplace=False) nn.functional.celu(input,alpha=1.0,inplace=False)
nn.functional.selu(input,inplace=False) nn.functional.leaky_relu(input,negative_slope=0.01,inplace=False)
nn.functional.hardtanh(input,min_val=-1.0,max_val=1.0,inplace=False) nn.functional.hardsigmoid(input,inplace=False)
nn.functional.hardswish(input,inplace=False) nn.functional.hardshrink(input,lambd=0.5)
nn.functional.softshrink(input,lambd=0.5) nn.functional.softplus(input,beta=1.0,threshold=20.0)
nn.functional.softsign(input) nn.functional.logsigmoid(input) nn.functional.tanhshrink(input)
nn.functional.threshold(input,threshold,value,inplace=False) nn.functional.prelu(input,weight)
nn.functional.glu(input,dim=-1)
'''

FAMILIES['binary'] = '''
add(input,other,*,alpha=1) sub(input,other,*,alpha=1) mul(input,other) div(input,other,*,rounding_mode=None)
true_divide(input,other) floor_divide(input,other) remainder(input,other) fmod(input,other) pow(input,exponent)
float_power(input,exponent) atan2(input,other) maximum(input,other) minimum(input,other) fmax(input,other)
fmin(input,other) hypot(input,other) logaddexp(input,other) logaddexp2(input,other) copysign(input,other)
nextafter(input,other) xlogy(input,other) special.xlog1py(input,other) heaviside(input,values) ldexp(input,other)
rsub(input,other,*,alpha=1) gcd(input,other) lcm(input,other) eq(input,other) ne(input,other) lt(input,other)
le(input,other) gt(input,other) ge(input,other) isclose(input,other,rtol=1e-5,atol=1e-8,equal_nan=False)
allclose(input,other,rtol=1e-5,atol=1e-8,equal_nan=False) equal(input,other) logical_and(input,other)
logical_or(input,other) logical_xor(input,other) bitwise_and(input,other) bitwise_or(input,other)
bitwise_xor(input,other) bitwise_left_shift(input,other) bitwise_right_shift(input,other)
lerp(input,end,weight) addcmul(input,tensor1,tensor2,*,value=1) addcdiv(input,tensor1,tensor2,*,value=1)
clamp(input,min=None,max=None) clamp_min(input,min) clamp_max(input,max) where(condition,input,other)
dist(input,other,p=2) fill(input,value) igamma(input,other) igammac(input,other) special.zeta(input,other)
'''

FAMILIES['reduce'] = '''
sum(input,dim=None,keepdim=False,*,dtype=None) mean(input,dim=None,keepdim=False,*,dtype=None)
prod(input,dim=None,keepdim=False,*,dtype=None) nansum(input,dim=None,keepdim=False,*,dtype=None)
nanmean(input,dim=None,keepdim=False,*,dtype=None) amax(input,dim=(),keepdim=False) amin(input,dim=(),keepdim=False)
aminmax(input,*,dim=None,keepdim=False) argmax(input,dim=None,keepdim=False) argmin(input,dim=None,keepdim=False)
any(input,dim=None,keepdim=False) all(input,dim=None,keepdim=False)
max@binary(input,other) max@reduction_no_dim(input) max@reduction_with_dim(input,dim,keepdim=False)
min@binary(input,other) min@reduction_no_dim(input) min@reduction_with_dim(input,dim,keepdim=False)
var(input,dim=None,unbiased=None,keepdim=False,*,correction=1) std(input,dim=None,unbiased=None,keepdim=False,*,correction=1)
var_mean(input,dim=None,unbiased=None,keepdim=False,*,correction=1) std_mean(input,dim=None,unbiased=None,keepdim=False,*,correction=1)
norm(input,p='fro',dim=None,keepdim=False,dtype=None) linalg.vector_norm(input,ord=2,dim=None,keepdim=False,*,dtype=None)
linalg.norm(input,ord=None,dim=None,keepdim=False,*,dtype=None) linalg.matrix_norm(input,ord='fro',dim=(-2,-1),keepdim=False,*,dtype=None)
logsumexp(input,dim,keepdim=False) count_nonzero(input,dim=None) median(input,dim=None,keepdim=False)
nanmedian(input,dim=None,keepdim=False) mode(input,dim=-1,keepdim=False) quantile(input,q,dim=None,keepdim=False,*,interpolation='linear')
nanquantile(input,q,dim=None,keepdim=False,*,interpolation='linear') trace(input)
cov(input,*,correction=1,fweights=None,aweights=None) corrcoef(input)
'''

FAMILIES['scan'] = '''
cumsum(input,dim,*,dtype=None) cumprod(input,dim,*,dtype=None) cummax(input,dim) cummin(input,dim)
logcumsumexp(input,dim) diff(input,n=1,dim=-1,prepend=None,append=None)
sort(input,dim=-1,descending=False,stable=False) argsort(input,dim=-1,descending=False,stable=False)
topk(input,k,dim=-1,largest=True,sorted=True) kthvalue(input,k,dim=-1,keepdim=False) msort(input)
unique(input,sorted=True,return_inverse=False,return_counts=False,dim=None)
unique_consecutive(input,return_inverse=False,return_counts=False,dim=None)
bincount(input,weights=None,minlength=0) histc(input,bins=100,min=0,max=0)
searchsorted(sorted_sequence,input,*,out_int32=False,right=False,side=None,sorter=None)
bucketize(input,boundaries,*,out_int32=False,right=False) isin(elements,test_elements,*,assume_unique=False,invert=False)
softmax(input,dim,dtype=None) log_softmax(input,dim,dtype=None) nn.functional.softmin(input,dim=None,dtype=None)
renorm(input,p,dim,maxnorm) trapezoid(y,x=None,*,dx=1,dim=-1)
'''

FAMILIES['matmul'] = '''
mm(input,mat2) bmm(input,mat2) matmul(input,other) mv(input,vec) dot(input,tensor) vdot(input,other)
addmm(input,mat1,mat2,*,beta=1,alpha=1) baddbmm(input,batch1,batch2,*,beta=1,alpha=1)
addbmm(input,batch1,batch2,*,beta=1,alpha=1) addmv(input,mat,vec,*,beta=1,alpha=1) addr(input,vec1,vec2,*,beta=1,alpha=1)
outer(input,vec2) inner(input,other) tensordot(a,b,dims=2) kron(input,other) linalg.vecdot(x,y,*,dim=-1)
linalg.multi_dot(tensors) linalg.matrix_power(input,n) cross(input,other,dim=None) linalg.cross(input,other,*,dim=-1)
cdist(x1,x2,p=2.0) einsum(equation,operands) nn.functional.linear(input,weight,bias=None)
nn.functional.bilinear(input1,input2,weight,bias=None)
'''

FAMILIES['shape'] = '''
reshape(input,shape) reshape_as(input,other) view(input,*shape) view_as(input,other) permute(input,dims)
transpose(input,dim0,dim1) t(input) T(input) mT(input) squeeze(input,dim=None) unsqueeze(input,dim)
expand(input,*size) expand_as(input,other) broadcast_to(input,size) broadcast_tensors(*tensors) repeat(input,*repeats)
tile(input,dims) cat(tensors,dim=0) stack(tensors,dim=0) hstack(tensors) vstack(tensors) dstack(tensors)
column_stack(tensors) split(input,split_size_or_sections,dim=0) split_with_sizes(input,split_sizes,dim=0)
chunk(input,chunks,dim=0) tensor_split(input,indices_or_sections,dim=0) hsplit(input,indices_or_sections)
vsplit(input,indices_or_sections) dsplit(input,indices_or_sections) unbind(input,dim=0) narrow(input,dim,start,length)
select(input,dim,index) flatten(input,start_dim=0,end_dim=-1) unflatten(input,dim,sizes) ravel(input)
movedim(input,source,destination) flip(input,dims) fliplr(input) flipud(input) roll(input,shifts,dims=None)
rot90(input,k=1,dims=(0,1)) diagonal(input,offset=0,dim1=0,dim2=1) diag(input,diagonal=0)
diag_embed(input,offset=0,dim1=-2,dim2=-1) tril(input,diagonal=0) triu(input,diagonal=0)
meshgrid(*tensors,indexing=None) atleast_1d(*tensors) atleast_2d(*tensors) atleast_3d(*tensors) block_diag(*tensors)
repeat_interleave(input,repeats,dim=None,*,output_size=None) unfold(input,dimension,size,step)
as_strided(input,size,stride,storage_offset=None) select_scatter(input,src,dim,index)
slice_scatter(input,src,dim=0,start=None,end=None,step=1) diagonal_scatter(input,src,offset=0,dim1=0,dim2=1)
cartesian_prod(*tensors) combinations(input,r=2,with_replacement=False) diagflat(input,offset=0)
'''

FAMILIES['index'] = '''
__getitem__(input,index) index_select(input,dim,index) gather(input,dim,index,*,sparse_grad=False)
scatter(input,dim,index,src,*,reduce=None) scatter_add(input,dim,index,src)
scatter_reduce(input,dim,index,src,reduce,*,include_self=True) index_add(input,dim,index,source,*,alpha=1)
index_fill(input,dim,index,value) index_copy(input,dim,index,source)
index_reduce(input,dim,index,source,reduce,*,include_self=True) index_put(input,indices,values,accumulate=False)
masked_fill(input,mask,value) masked_select(input,mask) masked_scatter(input,mask,source)
nonzero(input,*,as_tuple=False) argwhere(input) take(input,index) take_along_dim(input,indices,dim=None)
put(input,index,source,accumulate=False) tril_indices(row,col,offset=0,*,dtype=None) triu_indices(row,col,offset=0,*,dtype=None)
nn.functional.embedding(input,weight,padding_idx=None,max_norm=None,norm_type=2.0,scale_grad_by_freq=False,sparse=False)
nn.functional.one_hot(tensor,num_classes=-1)
nn.functional.embedding_bag(input,weight,offsets=None,max_norm=None,norm_type=2.0,scale_grad_by_freq=False,mode='mean',per_sample_weights=None,include_last_offset=False,padding_idx=None)
'''

FAMILIES['conv'] = '''
nn.functional.conv1d(input,weight,bias=None,stride=1,padding=0,dilation=1,groups=1)
nn.functional.conv2d(input,weight,bias=None,stride=1,padding=0,dilation=1,groups=1)
nn.functional.conv3d(input,weight,bias=None,stride=1,padding=0,dilation=1,groups=1)
nn.functional.conv_transpose1d(input,weight,bias=None,stride=1,padding=0,output_padding=0,groups=1,dilation=1)
nn.functional.conv_transpose2d(input,weight,bias=None,stride=1,padding=0,output_padding=0,groups=1,dilation=1)
nn.functional.max_pool1d(input,kernel_size,stride=None,padding=0,dilation=1,ceil_mode=False,return_indices=False)
nn.functional.max_pool2d(input,kernel_size,stride=None,padding=0,dilation=1,ceil_mode=False,return_indices=False)
nn.functional.max_pool3d(input,kernel_size,stride=None,padding=0,dilation=1,ceil_mode=False,return_indices=False)
nn.functional.avg_pool1d(input,kernel_size,stride=None,padding=0,ceil_mode=False,count_include_pad=True)
nn.functional.avg_pool2d(input,kernel_size,stride=None,padding=0,ceil_mode=False,count_include_pad=True,divisor_override=None)
nn.functional.avg_pool3d(input,kernel_size,stride=None,padding=0,ceil_mode=False,count_include_pad=True,divisor_override=None)
nn.functional.adaptive_avg_pool1d(input,output_size) nn.functional.adaptive_avg_pool2d(input,output_size)
nn.functional.adaptive_max_pool1d(input,output_size,return_indices=False)
nn.functional.adaptive_max_pool2d(input,output_size,return_indices=False)
nn.functional.unfold(input,kernel_size,dilation=1,padding=0,stride=1)
nn.functional.pixel_shuffle(input,upscale_factor) nn.functional.pixel_unshuffle(input,downscale_factor)
nn.functional.pad(input,pad,mode='constant',value=None)
nn.functional.max_unpool1d(input,indices,kernel_size,stride=None,padding=0,output_size=None)
nn.functional.max_unpool2d(input,indices,kernel_size,stride=None,padding=0,output_size=None)
nn.functional.max_unpool3d(input,indices,kernel_size,stride=None,padding=0,output_size=None)
nn.functional.fractional_max_pool2d(input,kernel_size,output_size=None,output_ratio=None,return_indices=False,_random_samples=None)
nn.functional.fractional_max_pool3d(input,kernel_size,output_size=None,output_ratio=None,return_indices=False,_random_samples=None)
nn.functional.channel_shuffle(input,groups)
'''

FAMILIES['norm'] = '''
nn.functional.batch_norm(input,running_mean,running_var,weight=None,bias=None,training=False,momentum=0.1,eps=1e-5)
nn.functional.layer_norm(input,normalized_shape,weight=None,bias=None,eps=1e-5)
nn.functional.group_norm(input,num_groups,weight=None,bias=None,eps=1e-5)
nn.functional.instance_norm(input,running_mean=None,running_var=None,weight=None,bias=None,use_input_stats=True,momentum=0.1,eps=1e-5)
nn.functional.rms_norm(input,normalized_shape,weight=None,eps=None)
nn.functional.local_response_norm(input,size,alpha=1e-4,beta=0.75,k=1.0)
nn.functional.normalize(input,p=2.0,dim=1,eps=1e-12)
nn.functional.cosine_similarity(x1,x2,dim=1,eps=1e-8) nn.functional.pairwise_distance(x1,x2,p=2.0,eps=1e-6,keepdim=False)
nn.functional.dropout(input,p=0.5,training=True,inplace=False)
nn.functional.scaled_dot_product_attention(query,key,value,attn_mask=None,dropout_p=0.0,is_causal=False,scale=None,enable_gqa=False)
'''

FAMILIES['loss'] = '''
nn.functional.cross_entropy(input,target,weight=None,*,ignore_index=-100,reduction='mean',label_smoothing=0.0)
nn.functional.nll_loss(input,target,weight=None,*,ignore_index=-100,reduction='mean')
nn.functional.mse_loss(input,target,*,reduction='mean',weight=None) nn.functional.l1_loss(input,target,*,reduction='mean',weight=None)
nn.functional.smooth_l1_loss(input,target,*,reduction='mean',beta=1.0)
nn.functional.huber_loss(input,target,reduction='mean',delta=1.0,weight=None)
nn.functional.binary_cross_entropy(input,target,weight=None,*,reduction='mean')
nn.functional.binary_cross_entropy_with_logits(input,target,weight=None,*,reduction='mean',pos_weight=None)
nn.functional.kl_div(input,target,*,reduction='mean',log_target=False)
nn.functional.poisson_nll_loss(input,target,log_input=True,full=False,*,eps=1e-8,reduction='mean')
nn.functional.gaussian_nll_loss(input,target,var,full=False,eps=1e-6,reduction='mean')
nn.functional.hinge_embedding_loss(input,target,margin=1.0,*,reduction='mean')
nn.functional.margin_ranking_loss(input1,input2,target,margin=0.0,*,reduction='mean')
nn.functional.cosine_embedding_loss(input1,input2,target,margin=0.0,*,reduction='mean')
nn.functional.triplet_margin_loss(anchor,positive,negative,margin=1.0,p=2.0,eps=1e-6,swap=False,*,reduction='mean')
nn.functional.soft_margin_loss(input,target,*,reduction='mean')
nn.functional.multilabel_margin_loss(input,target,*,reduction='mean')
nn.functional.multilabel_soft_margin_loss(input,target,weight=None,*,reduction='mean')
nn.functional.ctc_loss(log_probs,targets,input_lengths,target_lengths,blank=0,reduction='mean',zero_infinity=False)
nn.functional.multi_margin_loss(input,target,p=1,margin=1.0,weight=None,*,reduction='mean')
'''

FAMILIES['create'] = '''
arange(start,end,step=1,*,dtype=None) linspace(start,end,steps,*,dtype=None) logspace(start,end,steps,base=10.0,*,dtype=None)
full(size,fill_value,*,dtype=None) eye(n,m=None,*,dtype=None) zeros(*size,dtype=None) ones(*size,dtype=None)
zeros_like(input,*,dtype=None) ones_like(input,*,dtype=None) full_like(input,fill_value,*,dtype=None)
new_zeros(input,size,*,dtype=None) new_ones(input,size,*,dtype=None) new_full(input,size,fill_value,*,dtype=None)
'''

# OpInfo's error inputs are recorded for every operation above; samples whose result is random are not.
# Results that PyTorch leaves open (the order of equal elements) are compared by property in the runner.
